#include "monitor/ctl/config_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "alerts/messages/time_text.h"
#include "detectors/evidence/detection_delay.h"
#include "detectors/evidence/numeric_plan.h"
#include "monitor/ctl/table.h"
#include "monitor/ingest/kafka/kafka_counter.h"
#include "monitor/judge/evidence/alarm_shares.h"
#include "monitor/judge/evidence/evidence_book.h"
#include "monitor/judge/windows/gross_faults.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {

namespace {

// Of one feature, as footprint.py measures it and half as much again (bench/README.md).
constexpr std::uint64_t kBaselineBytes = 12 << 10;
constexpr std::uint64_t kWatchedBytes = 20 << 10;  // monitors, evidence, live references, the step being filled
constexpr std::uint64_t kOpenPaneBytes = 4608;     // a summary, and rows that are not in it yet
constexpr std::uint64_t kStoredBytes = 600 + 400;
constexpr std::uint64_t kOpenPairBytes = 12;     // of two numeric features
constexpr std::uint64_t kStoredPairBytes = 7;    // in a closed step
constexpr std::uint64_t kFetchQueueKib = 65536;  // of the program's own Kafka settings
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

std::size_t MostColumns(const ModelBaselines& baselines) {
  std::size_t most = 0;
  for (const auto& [version, profile] : baselines.by_version) most = std::max(most, Columns(*profile));
  return most;
}

// Pairs of numeric features whose correlation is watched.
std::size_t MostPairs(const ModelBaselines& baselines) {
  std::size_t most = 0;
  for (const auto& [version, profile] : baselines.by_version)
    most = std::max(most, profile->joint ? profile->joint->features.size() : 0);
  return most * (most + 1) / 2;
}

std::uint64_t MemoryBytes(const ModelConfig& model, const ModelBaselines& baselines) {
  std::uint64_t columns = 0;
  for (const auto& [version, profile] : baselines.by_version) columns += Columns(*profile);
  return columns * kBaselineBytes + WatchBytes(model, MostColumns(baselines)) +
         MostPairs(baselines) * (OpenPanes(model) + 2) * kOpenPairBytes;
}

std::uint64_t DiskPerDay(const ModelConfig& model, const ModelBaselines& baselines) {
  const double steps = static_cast<double>(kDay.count()) / static_cast<double>(StepOf(model).count());
  const std::size_t bytes = MostColumns(baselines) * kStoredBytes + MostPairs(baselines) * kStoredPairBytes;
  return static_cast<std::uint64_t>(std::ceil(steps * static_cast<double>(bytes)));
}

void Line(std::string& out, const std::string& heading, const std::string& text) {
  constexpr std::size_t kIndent = 15;
  out += WrapTo("  " + heading + std::string(kIndent - 2 - heading.size(), ' ') + text, kWidth, kIndent) + "\n";
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

// One kind of trouble, and how long it takes at worst from the event to the message.
struct CauseDelay {
  const char* cause;  // the key in JSON
  Duration delay;
  std::string condition;  // what must be true for it
};

// Before a day of traffic has shown how long its pauses are.
Duration SilenceDelay(const ModelConfig& model) { return std::max(StepOf(model), kDay) + model.idle_after; }

// Steps of 1,000 records that a change of `effect` standard deviations takes to be seen, with a large baseline and
// independent records.
double StepsToSee(double effect, double share, const Config& config, const ModelConfig& model) {
  const EvidenceSettings settings{BudgetOf(config), model.min_effect};
  return detectors::DetectionDelay(
      {.effect = effect,
       .band = model.min_effect,
       .records_per_step = 1000,
       .design_effect = 1,
       .threshold = EvidenceBook::Threshold(settings, StepOf(model).count(), share, Quantity::kDistribution),
       .components = detectors::NumericPlan::kComponents});
}

std::vector<CauseDelay> Delays(const Config& config, const ModelConfig& model, std::size_t columns) {
  const double share = 1 / static_cast<double>(std::max<std::size_t>(1, columns));
  const Duration pane = model.pane + model.allowed_lateness + kCheckpoint;
  const Duration step = StepOf(model) + model.allowed_lateness + kCheckpoint;
  const double nats = GrossFaultNats(BudgetOf(config), model.pane.count(), share, 1);
  const auto records = Thousands(static_cast<std::uint64_t>(std::ceil(nats / GrossFaults::kNatsPerFault)));
  const std::string fault = "after " + records + " faulty records in a row where training had none";
  const auto steps = [&](double effect) {
    const double count = std::ceil(StepsToSee(effect, share, config, model));
    return std::isfinite(count) ? StepOf(model) * static_cast<std::int64_t>(count - 1) : Duration::max();
  };
  std::vector<CauseDelay> delays;
  for (const char* cause : {"missing", "type", "unseen", "unit_factor"}) delays.push_back({cause, pane, fault});
  delays.push_back(
      {"constant", pane, "where no value holds 5 % of training, else after 26 h and twice its longest run"});
  delays.push_back({"clock", model.max_clock_skew + pane, "what is further ahead than that is rejected at once"});
  delays.push_back({"no_data", SilenceDelay(model),
                    "on the first day; then twice the longest pause that was seen, at least " +
                        Span(model.pane + model.idle_after)});
  delays.push_back({"volume", step, "traffic ten times or a tenth, from the tenth day on; less takes more steps"});
  const Duration half = steps(0.5);
  delays.push_back({"distribution", half == Duration::max() ? half : step + half,
                    "a shift of 0.5 standard deviations at 1,000 records a step"});
  if (model.labels) {
    delays.push_back({"quality", step + model.labels->max_delay,
                      "by a rule; by evidence the same and as many steps as the loss is small"});
  }
  return delays;
}

// All columns have the same share.
std::string BudgetWords(const Config& config, const ModelConfig& model, std::size_t columns) {
  const EvidenceSettings settings{BudgetOf(config), model.min_effect};
  const double share = 1 / static_cast<double>(std::max<std::size_t>(1, columns));
  const auto each = [&](Quantity quantity) {
    return Number(settings.budget.expected_false_alarms * kColumnsShare * share * ShareOf(quantity)) +
           " (alarm at evidence " + Number(EvidenceBook::Threshold(settings, StepOf(model).count(), share, quantity)) +
           ")";
  };
  return "false alarms expected: at most " + Number(settings.budget.expected_false_alarms) + " per " +
         Span(config.false_alarms_per) + " over all that is watched, " + each(Quantity::kDistribution) +
         " for the distribution of each of " + std::to_string(columns) + " columns, " + each(Quantity::kMissing) +
         " for each rate of missing, wrongly typed, unseen or out-of-range values; changes within " +
         Number(model.min_effect) + " standard deviations are none";
}

void AddModel(std::string& out, const Config& whole, const ModelConfig& config, const ModelBaselines& baselines) {
  const std::size_t columns = MostColumns(baselines);
  out += "model " + config.name + "\n";
  std::string topics = config.requests.topic + " (" + config.requests.format + ")";
  if (!config.requests.responses.empty()) topics += ", responses from " + config.requests.responses;
  if (config.labels) topics += ", labels from " + config.labels->topic + " (" + config.labels->format + ")";
  Line(out, "topics", topics);
  for (const auto& [version, profile] : baselines.by_version) Line(out, "baseline", BaselineWords(*profile));
  Line(out, "time",
       "window " + Span(config.window) + ", step " + Span(StepOf(config)) + ", pane " + Span(config.pane) +
           ", lateness " + Span(config.allowed_lateness) +
           (config.requests.time == TimeSource::kArrival ? ", time of arrival" : ""));
  Line(out, "memory",
       "at most " + Bytes(MemoryBytes(config, baselines)) +
           " with live traffic: " + std::to_string(baselines.by_version.size()) +
           (baselines.by_version.size() == 1 ? " baseline" : " baselines") + ", evidence of " +
           std::to_string(columns) + " columns, " + std::to_string(OpenPanes(config)) + " open panes; " +
           Bytes(WatchBytes(config, columns)) + " more for each further version or variant that is live at once");
  Line(out, "disk", "about " + Bytes(DiskPerDay(config, baselines)) + " a day");
  Line(out, "delay", "from event to message, at worst, by cause:");
  for (const CauseDelay& delay : Delays(whole, config, columns)) {
    Line(out, "",
         std::string(delay.cause) + ": " + (delay.delay == Duration::max() ? "never" : Span(delay.delay)) + ", " +
             delay.condition);
  }
  Line(out, "budget", BudgetWords(whole, config, columns));
  if (!config.rules.empty()) Line(out, "rules", std::to_string(config.rules.size()));
}

struct Totals {
  std::uint64_t models = 0, queues = 0, identities = 0, disk_per_day = 0;  // bytes
};

Totals TotalsOf(const Config& config, const std::map<std::string, ModelBaselines>& baselines) {
  Totals totals;
  for (const ModelConfig& model : config.models) {
    totals.models += MemoryBytes(model, baselines.at(model.name));
    totals.disk_per_day += DiskPerDay(model, baselines.at(model.name));
  }
  std::uint64_t kib = kFetchQueueKib;
  const auto given = config.kafka_properties.find("queued.max.messages.kbytes");
  if (given != config.kafka_properties.end()) kib = ParseSize(given->second, "queued.max.messages.kbytes");
  totals.queues =
      ((kib << 10) + KafkaCounter::kMostHeld) * static_cast<std::uint64_t>(std::max(1, config.ingest_workers));
  totals.identities = config.labels_memory;
  return totals;
}

}  // namespace

std::uint64_t WatchBytes(const ModelConfig& model, std::size_t features) {
  return features * (kWatchedBytes + OpenPanes(model) * kOpenPaneBytes);
}

std::string ConfigReport(const Config& config, const std::map<std::string, ModelBaselines>& baselines) {
  std::string out = config.file.string() + ": in order\n\n";
  for (const ModelConfig& model : config.models) AddModel(out, config, model, baselines.at(model.name));
  const Totals totals = TotalsOf(config, baselines);
  out += "\nin all\n";
  Line(out, "brokers", config.brokers);
  Line(out, "listen",
       config.listen_host + ":" + std::to_string(config.listen_port) +
           (config.api_token.empty() ? ", no API token" : ", with an API token"));
  Line(out, "false alarms",
       Number(config.expected_false_alarms) + " expected per " + Span(config.false_alarms_per) +
           (config.alarms_over_all ? " over all models" : " for each model"));
  Line(out, "memory",
       "at most " + Bytes(totals.models + totals.queues + totals.identities) + " with live traffic: models " +
           Bytes(totals.models) + ", messages waiting to be counted " + Bytes(totals.queues) +
           ", predictions that wait for labels " + Bytes(totals.identities));
  Line(out, "disk",
       "about " + Bytes(totals.disk_per_day) + " a day, " +
           Bytes(totals.disk_per_day * static_cast<std::uint64_t>(std::max<std::int64_t>(1, config.history / kDay))) +
           " after " + Span(config.history) + ", and 32 bytes for each prediction that a label may still come for");
  Line(out, "told to",
       std::to_string(config.notify.size()) + " targets of messages, " + std::to_string(config.retrain.size()) +
           " of retraining");
  return out;
}

nlohmann::json ConfigJson(const Config& config, const std::map<std::string, ModelBaselines>& baselines) {
  const auto seconds = [](Duration duration) { return std::chrono::duration<double>(duration).count(); };
  nlohmann::json models = nlohmann::json::array();
  for (const ModelConfig& model : config.models) {
    const ModelBaselines& own = baselines.at(model.name);
    nlohmann::json versions = nlohmann::json::array(), delays = nlohmann::json::object();
    for (const CauseDelay& delay : Delays(config, model, MostColumns(own)))
      delays[delay.cause] = delay.delay == Duration::max() ? nlohmann::json() : nlohmann::json(seconds(delay.delay));
    for (const auto& [version, profile] : own.by_version) versions.push_back(version);
    models.push_back({{"name", model.name},
                      {"topic", model.requests.topic},
                      {"labels", model.labels ? nlohmann::json(model.labels->topic) : nlohmann::json()},
                      {"baselines", std::move(versions)},
                      {"features", own.newest->features.size()},
                      {"memory_bytes", MemoryBytes(model, own)},
                      {"disk_bytes_per_day", DiskPerDay(model, own)},
                      {"delay_seconds", std::move(delays)}});
  }
  const Totals totals = TotalsOf(config, baselines);
  return {{"models", std::move(models)},
          {"memory_bytes", totals.models + totals.queues + totals.identities},
          {"disk_bytes_per_day", totals.disk_per_day}};
}

}  // namespace monitor
