#include "monitor/ctl/config_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "alerts/time_text.h"
#include "baselines/profile_file.h"
#include "monitor/ctl/api_text.h"
#include "monitor/judge/wording.h"

namespace monitor {

namespace {

constexpr std::uint64_t kOpenPaneBytes = 2048;    // of one feature
constexpr std::uint64_t kClosedStepBytes = 1024;  // of one feature, sparse
constexpr std::uint64_t kStoredBytes = 600 + 400;
constexpr std::uint64_t kFetchQueueKib = 262144;  // of the program's own Kafka settings
constexpr Duration kCheckpoint = std::chrono::seconds(2);
constexpr Duration kDay = std::chrono::hours(24);
constexpr std::size_t kWidth = 110;

Duration StepOf(const ModelConfig& model) { return model.step.count() > 0 ? model.step : model.window; }

std::uint64_t OpenPanes(const ModelConfig& model) {
  return static_cast<std::uint64_t>((model.allowed_lateness.count() + model.pane.count() - 1) / model.pane.count()) + 2;
}

std::string Span(Duration duration) { return alerts::FormatDuration(duration.count()); }

std::string Bytes(std::uint64_t bytes) {
  const char* unit = "KiB";
  double value = static_cast<double>(bytes) / 1024;
  for (const char* next : {"MiB", "GiB", "TiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.1f %s" : "%.0f %s", value, unit);
  return text;
}

// Features, prediction and score: everything that has a summary.
std::size_t Columns(const baselines::Profile& profile) {
  return profile.features.size() + (profile.prediction ? 1 : 0) + (profile.score ? 1 : 0);
}

std::size_t MostColumns(const CheckedModel& model) {
  std::size_t most = 0;
  for (const baselines::Profile& profile : model.profiles) most = std::max(most, Columns(profile));
  return most;
}

std::uint64_t DiskPerDay(const CheckedModel& model) {
  const double steps = static_cast<double>(kDay.count()) / static_cast<double>(StepOf(*model.config).count());
  return static_cast<std::uint64_t>(std::ceil(steps * static_cast<double>(MostColumns(model) * kStoredBytes)));
}

void Line(std::string& out, const std::string& heading, const std::string& text) {
  constexpr std::size_t kIndent = 15;
  out += "  " + heading + std::string(kIndent - 2 - heading.size(), ' ') + Wrap(text, kWidth, kIndent) + "\n";
}

std::string BaselineWords(const baselines::Profile& profile) {
  const auto numeric = std::count_if(
      profile.features.begin(), profile.features.end(),
      [](const baselines::ProfileColumn& column) { return column.kind() == detectors::FeatureKind::kNumeric; });
  std::string text = "version " + profile.version + ": " + Thousands(profile.rows) + " rows, " +
                     std::to_string(profile.features.size()) + " features (" + std::to_string(numeric) +
                     " numeric), task " + std::string(baselines::TaskName(profile.task));
  text += profile.prediction ? ", prediction" : ", no prediction";
  text += profile.score ? ", score" : ", no score";
  return text + ", digest " + profile.digest.substr(0, 12);
}

void AddModel(std::string& out, const CheckedModel& model) {
  const ModelConfig& config = *model.config;
  out += "model " + config.name + "\n";
  std::string topics = config.requests.topic + " (" + config.requests.format + ")";
  if (config.labels) topics += ", labels from " + config.labels->topic + " (" + config.labels->format + ")";
  Line(out, "topics", topics);
  for (const baselines::Profile& profile : model.profiles) Line(out, "baseline", BaselineWords(profile));
  Line(out, "time",
       "window " + Span(config.window) + ", step " + Span(StepOf(config)) + ", pane " + Span(config.pane) + ", lateness " +
           Span(config.allowed_lateness) + (config.requests.time == TimeSource::kArrival ? ", time of arrival" : ""));
  Line(out, "memory",
       "at most " + Bytes(SummaryBytes(config, MostColumns(model))) + ": " + std::to_string(MostColumns(model)) +
           " summaries in each of " + std::to_string(OpenPanes(config)) + " open panes and " +
           Thousands(static_cast<std::uint64_t>(config.window / StepOf(config))) +
           " steps; the same again for each further version or variant that is live at once");
  Line(out, "disk", "about " + Bytes(DiskPerDay(model)) + " a day");
  Line(out, "delay",
       "from event to verdict, at worst: gross faults " + Span(config.pane + config.allowed_lateness + kCheckpoint) +
           "; drift " + Span(StepOf(config) + config.allowed_lateness + kCheckpoint) +
           (config.labels ? "; quality the same after its labels, which may take " + Span(config.labels->max_delay)
                          : "") +
           "; no data " + Span(std::max(StepOf(config), kDay) + config.idle_after) +
           " on the first day, then twice the longest pause that was seen, at least " +
           Span(config.pane + config.idle_after));
  if (!config.rules.empty()) Line(out, "rules", std::to_string(config.rules.size()));
}

}  // namespace

std::vector<baselines::Profile> LoadBaselines(const ModelConfig& model) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(model.baseline)) {
    constexpr std::string_view kSuffix = ".baseline.json";
    for (const auto& entry : std::filesystem::directory_iterator(model.baseline)) {
      const std::string name = entry.path().filename().string();
      const bool ends =
          name.size() > kSuffix.size() && name.compare(name.size() - kSuffix.size(), kSuffix.size(), kSuffix) == 0;
      if (ends && name.rfind(model.name + "-", 0) == 0) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
      throw ConfigError("model " + model.name + ": no " + model.name + "-<version>.baseline.json in " +
                        model.baseline.string() + "; make one with `monitorctl baseline build`");
    }
  } else {
    files.push_back(model.baseline);
  }
  std::vector<baselines::Profile> profiles;
  for (const auto& file : files) {
    profiles.push_back(baselines::ReadProfile(file));
    if (profiles.back().model_given && profiles.back().model != model.name) {
      throw ConfigError("model " + model.name + ": " + file.string() + " is a baseline of model " +
                        profiles.back().model);
    }
  }
  return profiles;
}

std::uint64_t SummaryBytes(const ModelConfig& model, std::size_t features) {
  const std::uint64_t steps = static_cast<std::uint64_t>(model.window / StepOf(model));
  // The step that is being filled is as large as a pane; so is the window while it is merged.
  return features * ((OpenPanes(model) + 2) * kOpenPaneBytes + steps * kClosedStepBytes);
}

std::string ConfigReport(const Config& config, const std::vector<CheckedModel>& models) {
  std::string out = config.file.string() + ": in order\n\n";
  std::uint64_t memory = 0, disk = 0;
  bool labels = false;
  for (const CheckedModel& model : models) {
    AddModel(out, model);
    memory += SummaryBytes(*model.config, MostColumns(model));
    disk += DiskPerDay(model);
    labels = labels || model.config->labels.has_value();
  }
  std::uint64_t queue = kFetchQueueKib << 10;
  if (const auto given = config.kafka_properties.find("queued.max.messages.kbytes");
      given != config.kafka_properties.end()) {
    queue = ParseSize(given->second, "kafka.properties.queued.max.messages.kbytes") << 10;
  }
  queue *= static_cast<std::uint64_t>(std::max(1, config.ingest_workers));
  const std::uint64_t identities = labels ? config.labels_memory : 0;
  out += "\nin all\n";
  Line(out, "brokers", config.brokers);
  Line(out, "listen",
       config.listen_host + ":" + std::to_string(config.listen_port) +
           (config.api_token.empty() ? ", no API token" : ", with an API token"));
  Line(out, "false alarms",
       "at most " + Number(config.expected_false_alarms) + " expected per " + Span(config.false_alarms_per) +
           (config.alarms_over_all ? " over all models" : " for each model"));
  Line(out, "memory",
       "at most " + Bytes(memory + queue + identities) + ": summaries " + Bytes(memory) +
           ", messages waiting to be counted " + Bytes(queue) +
           (labels ? ", predictions waiting for labels " + Bytes(identities) : ""));
  Line(out, "disk",
       "about " + Bytes(disk) + " a day, " +
           Bytes(disk * static_cast<std::uint64_t>(std::max<std::int64_t>(1, config.history / kDay))) + " after " +
           Span(config.history) + (labels ? ", and some 20 bytes for each prediction that waits for its label" : ""));
  Line(out, "told to",
       std::to_string(config.notify.size()) + " targets of messages, " + std::to_string(config.retrain.size()) +
           " of retraining");
  return out;
}

}  // namespace monitor
