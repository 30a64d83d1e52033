#include <array>
#include <filesystem>

#include "baselines/values/value_text.h"
#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/units.h"
#include "monitor/daemon/config/yaml_values.h"
#include "monitor/ingest/formats/format.h"
#include "monitor/ingest/mapping/mapping.h"

namespace monitor {
namespace {

constexpr std::array<std::string_view, 10> kLabelsKeys{"topic", "format",    "schema",    "fields",       "start",
                                                       "time",  "max_delay", "early_ttl", "mature_after", "absent"};
constexpr std::array<std::string_view, 2> kTimes{"event", "arrival"};

StartAt AsStart(const YamlValue& value) {
  const std::string text = value.Text();
  if (text == "earliest") return {StartAt::Kind::kEarliest, {}};
  if (text == "latest") return {StartAt::Kind::kLatest, {}};
  const auto ago = DurationFrom(text);
  if (!ago || ago->count() == 0)
    value.Fail(value.Quoted() + " is no start; write earliest, latest, or how far back, like 7d");
  return {StartAt::Kind::kAgo, *ago};
}

std::map<std::string, double> AsImportances(const YamlValue& value) {
  std::map<std::string, double> importances;
  double sum = 0;
  for (const auto& [feature, given] : value.Entries()) {
    const double importance = AsNumber(given);
    if (importance < 0) given.Fail(given.Quoted() + " is below zero; an importance is zero or more, in any unit");
    importances[feature] = importance;
    sum += importance;
  }
  if (sum <= 0) value.Fail("no feature has an importance above zero; give one, or delete the key");
  return importances;
}

std::string AsModelName(const YamlValue& value) {
  std::string name = AsText(value);
  if (name.size() > 200) value.Fail("is longer than 200 bytes; shorten it");
  if (baselines::Trim(name) != name) value.Fail("begins or ends with a blank; delete it");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F || c == '/')
      value.Fail("holds a slash or a control character; names of models stand in addresses");
  }
  return name;
}

std::filesystem::path AsBaseline(const YamlValue& value) {
  const std::filesystem::path path = AsPath(value);
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (!std::filesystem::exists(status))
    value.Fail("there is no " + path.string() +
               "; correct the path, make it with `monitorctl baseline build train.csv`, or write `baseline: learn`");
  if (!std::filesystem::is_regular_file(status) && !std::filesystem::is_directory(status)) {
    value.Fail(path.string() +
               " is neither a file nor a folder; name a baseline file, or a folder of <model>-<version>.baseline.json");
  }
  return path;
}

// `baseline: learn` with its `learn:`, or a path.
void ReadBaseline(const YamlMap& map, ModelConfig& model) {
  static constexpr std::string_view kKeys[] = {"for", "rows"};
  const YamlValue baseline = map.Need("baseline");
  if (!baseline.IsScalar() || baseline.Text() != "learn") {
    model.baseline = AsBaseline(baseline);
    if (map.Has("learn")) map.Find("learn")->Fail("belongs to `baseline: learn`; delete one of them");
    return;
  }
  model.learn.emplace();
  const YamlMap learn = map.Sub("learn", kKeys);
  ReadPositiveDuration(learn, "for", model.learn->length);
  ReadInteger(learn, "rows", 100, 1'000'000, model.learn->rows);
}

RequestsConfig ReadRequests(const YamlMap& model) {
  static constexpr std::string_view kKeys[] = {"topic", "responses", "format", "schema", "fields", "start", "time"};
  static constexpr std::string_view kFields[] = {"id",        "model",    "version",    "variant", "segment",
                                                 "timestamp", "features", "prediction", "score",   "probabilities"};
  const YamlMap map = model.Sub("requests", kKeys);
  RequestsConfig requests;
  requests.topic = AsTopic(map.Need("topic"));
  if (const auto format = map.Find("format")) requests.format = AsChoice(*format, kRequestFormats);
  if (const auto fields = map.Find("fields")) {
    if (IsMapped(FormatNamed(requests.format))) {
      ReadFields(*fields, FieldsOf::kRecords, kFields, requests.fields, requests.mapping);
    } else {
      requests.mapping = ReadFormatFields(*fields);
    }
  }
  requests.schemas = ReadSchemas(map, requests.format);
  if (requests.format == "avro" && requests.mapping == nullptr)
    requests.mapping = std::make_shared<const Mapping>(Mapping::OfPaths(kFields, requests.fields));
  if (const auto responses = map.Find("responses")) {
    requests.responses = AsTopic(*responses);
    if (!ComesInHalves(FormatNamed(requests.format)))
      responses->Fail("format " + requests.format + " has request and response in one message; delete `responses`");
    if (requests.responses == requests.topic) responses->Fail("is the topic of the requests itself; delete the line");
  }
  if (const auto start = map.Find("start")) requests.start = AsStart(*start);
  if (const auto time = map.Find("time"))
    requests.time = AsChoice(*time, kTimes) == "event" ? TimeSource::kEvent : TimeSource::kArrival;
  return requests;
}

std::string AsClass(const YamlValue& value) {
  std::string scratch;
  const std::string text = AsText(value);
  return std::string(baselines::CanonicalText(baselines::Trim(text), scratch));
}

AbsentLabel ReadAbsent(const YamlMap& labels, const LabelsConfig& config) {
  static constexpr std::string_view kKeys[] = {"value", "after"};
  const YamlMap map = labels.Sub("absent", kKeys);
  AbsentLabel absent;
  absent.value = AsClass(map.Need("value"));
  absent.after = config.max_delay;
  ReadPositiveDuration(map, "after", absent.after);
  return absent;
}

// `defaults` alone gives no model labels.
std::optional<LabelsConfig> ReadLabels(const YamlMap& model) {
  static constexpr std::string_view kFields[] = {"id", "model", "timestamp", "label"};
  const YamlMap map = model.Sub("labels", kLabelsKeys);
  if (!map.Find("topic") && !model.Has("labels")) return std::nullopt;
  LabelsConfig labels;
  if (const auto topic = map.Find("topic")) labels.topic = AsTopic(*topic);
  if (const auto format = map.Find("format")) labels.format = AsChoice(*format, kLabelFormats);
  if (const auto fields = map.Find("fields")) {
    if (IsMapped(FormatNamed(labels.format))) {
      ReadFields(*fields, FieldsOf::kLabels, kFields, labels.fields, labels.mapping);
    } else {
      labels.mapping = ReadFormatFields(*fields);
    }
  }
  labels.schemas = ReadSchemas(map, labels.format);
  if (const auto start = map.Find("start")) labels.start = AsStart(*start);
  ReadPositiveDuration(map, "max_delay", labels.max_delay);
  ReadDuration(map, "early_ttl", labels.early_ttl);
  if (const auto time = map.Find("time"))
    labels.time = AsChoice(*time, kTimes) == "event" ? TimeSource::kEvent : TimeSource::kArrival;
  if (map.Find("mature_after")) ReadPositiveDuration(map, "mature_after", labels.mature_after.emplace());
  if (map.Has("absent")) labels.absent = ReadAbsent(map, labels);
  return labels;
}

// Names the multiple's key, the one that has to change in most cases; the other one where it is left at its default.
void CheckMultiple(const YamlMap& map, const ModelConfig& model, std::string_view whole_key, Duration whole,
                   std::string_view part_key, Duration part) {
  if (whole.count() % part.count() == 0) return;
  auto place = map.Find(whole_key);
  if (!place) place = map.Find(part_key);
  if (!place) place = map.value();
  const auto named = [](std::string_view key, Duration duration) {
    return std::string("`").append(key).append("` (").append(DurationText(duration)).append(")");
  };
  place->Fail(named(whole_key, whole) + " of model `" + model.name + "` is no multiple of " + named(part_key, part) +
              "; change one of them");
}

void ReadTimes(const YamlMap& map, ModelConfig& model) {
  ReadPositiveDuration(map, "window", model.window);
  ReadPositiveDuration(map, "pane", model.pane);
  model.step = model.window;
  ReadPositiveDuration(map, "step", model.step);
  ReadDuration(map, "allowed_lateness", model.allowed_lateness);
  ReadPositiveDuration(map, "idle_after", model.idle_after);
  ReadPositiveDuration(map, "retire_after", model.retire_after);
  ReadDuration(map, "max_clock_skew", model.max_clock_skew);
  if (map.Find("step")) {
    CheckMultiple(map, model, "step", model.step, "pane", model.pane);
    CheckMultiple(map, model, "window", model.window, "step", model.step);
  } else {
    CheckMultiple(map, model, "window", model.window, "pane", model.pane);
  }
}

}  // namespace

ModelConfig ReadModel(const YamlMap& map) {
  ModelConfig model;
  model.name = AsModelName(map.Need("name"));
  ReadBaseline(map, model);
  ReadText(map, "version", model.version);
  model.requests = ReadRequests(map);
  model.labels = ReadLabels(map);
  if (model.labels && model.labels->topic == model.requests.topic) {
    map.Sub("labels", kLabelsKeys)
        .Find("topic")
        ->Fail("requests and labels of model `" + model.name + "` have the same topic; each needs its own");
  }
  if (const auto positive = map.Find("positive")) model.positive = AsClass(*positive);
  static constexpr std::string_view kTasks[] = {"none", "binary", "multi-class", "regression"};
  if (const auto task = map.Find("task")) model.task = baselines::TaskNamed(AsChoice(*task, kTasks));
  if (const auto classes = map.Find("classes")) {
    for (const YamlValue& name : classes->Items()) model.classes.push_back(AsClass(name));
  }
  if (model.task == baselines::Task::kRegression && model.labels && model.labels->absent) {
    map.Sub("labels", kLabelsKeys)
        .Find("absent")
        ->Fail("an absent label stands for a class; a regression model has none, delete `absent`");
  }
  ReadTimes(map, model);
  ReadNumberAbove(map, "min_effect", 0, model.min_effect);
  if (const auto importances = map.Find("importances")) model.importances = AsImportances(*importances);
  if (const auto rules = map.Find("rules")) model.rules = ReadRules(*rules);
  if (const auto missing = map.Find("missing_values")) model.missing_values = AsTexts(*missing);
  ReadText(map, "owner", model.owner);
  ReadText(map, "runbook", model.runbook);
  return model;
}

}  // namespace monitor
