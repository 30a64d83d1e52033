#include "monitor/serve/api.h"

#include <charconv>
#include <utility>

#include "alerts/messages/time_text.h"
#include "baselines/values/timestamp.h"

namespace monitor {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxLimit = 100'000;

json TimeOrNull(std::int64_t ns) { return ns == 0 ? json(nullptr) : json(alerts::FormatTime(ns)); }

}  // namespace

json LabelsJson(const LabelCounters& counters) {
  return {{"joined", counters.joined},       {"corrected", counters.corrected}, {"duplicate", counters.duplicate},
          {"unmatched", counters.unmatched}, {"late", counters.late},           {"unsampled", counters.unsampled},
          {"skipped", counters.skipped},     {"rejected", counters.rejected()}, {"waiting", counters.waiting}};
}

namespace {

json VersionJson(const VersionSnapshot& version) {
  json baseline = nullptr;
  if (!version.baseline_digest.empty()) {
    baseline = {{"version", version.baseline_version},
                {"digest", version.baseline_digest},
                {"rows", version.baseline_rows},
                {"learnt", version.baseline_learnt}};
  }
  return {{"version", version.version},
          {"variant", version.variant},
          {"baseline", std::move(baseline)},
          {"counted", version.counted},
          {"last_seen", TimeOrNull(version.last_seen_ns)}};
}

json ModelJson(const ModelSnapshot& model) {
  json versions = json::array();
  for (const VersionSnapshot& version : model.versions) versions.push_back(VersionJson(version));
  json window = nullptr;
  if (model.window_end_ns != 0) {
    window = {{"start", alerts::FormatTime(model.window_start_ns)},
              {"end", alerts::FormatTime(model.window_end_ns)},
              {"count", model.window_count}};
  }
  json calibrating = nullptr;
  if (model.calibrating) {
    calibrating = {{"steps", model.calibrating->steps},
                   {"of", model.calibrating->of},
                   {"until", alerts::FormatTime(model.calibrating->until_ns)}};
  }
  return {{"name", model.name},
          {"versions", std::move(versions)},
          {"health", Text(model.health)},
          {"state", Text(model.mood)},
          {"calibrating", std::move(calibrating)},
          {"learning", nullptr},
          {"received", model.counters.received()},
          {"counted", model.counters.counted},
          {"late", model.counters.late},
          {"rejected", model.counters.rejected()},
          {"skipped", model.counters.skipped},
          {"duplicates", model.counters.duplicates},
          {"labels", model.labels ? LabelsJson(*model.labels) : json(nullptr)},
          {"watermark", TimeOrNull(model.watermark_ns)},
          {"lag", model.lag_known ? json(model.lag) : json(nullptr)},
          {"window", std::move(window)}};
}

std::int64_t TimeOf(const std::string& name, std::string text) {
  // In a query string a plus sign stands for a blank; an offset like +02:00 that was not escaped is still meant as one.
  constexpr std::size_t kOffset = 6;
  if (text.size() > 19 && text[text.size() - kOffset] == ' ') text[text.size() - kOffset] = '+';
  if (const auto time = baselines::ParseTimestamp(text)) return *time;
  throw BadRequest("`" + name + "` is `" + text +
                   "`; it takes a time such as 2013-05-11T17:00:00Z, or whole seconds since 1970");
}

std::size_t LimitOf(const std::string& text) {
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit == 0 || limit > kMaxLimit) {
    throw BadRequest("`limit` is `" + text + "`; it takes a whole number from 1 to " + std::to_string(kMaxLimit));
  }
  return limit;
}

}  // namespace

std::string_view Text(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kBehind:
      return "behind";
    case Health::kStalled:
      return "stalled";
    case Health::kNoData:
      return "no_data";
  }
  return "ok";
}

std::string_view Text(ModelMood mood) {
  switch (mood) {
    case ModelMood::kOk:
      return "ok";
    case ModelMood::kCalibrating:
      return "calibrating";
    case ModelMood::kWarning:
      return "warning";
    case ModelMood::kAlarm:
      return "alarm";
  }
  return "ok";
}

json ModelsJson(const Snapshot& snapshot) {
  json models = json::array();
  for (const ModelSnapshot& model : snapshot.models) models.push_back(ModelJson(model));
  return {{"models", std::move(models)}};
}

void AddLearning(const std::vector<LearningProgress>& learning, json& models) {
  for (const LearningProgress& progress : learning) {
    json* model = nullptr;
    for (json& each : models) {
      if (each.at("name") == progress.model) model = &each;
    }
    if (model == nullptr) {
      ModelSnapshot none;
      none.name = progress.model;
      none.mood = ModelMood::kCalibrating;
      model = &models.emplace_back(ModelJson(none));
    }
    (*model)["learning"] = {{"parts", progress.parts},
                            {"rows", progress.rows},
                            {"of_rows", progress.of_rows},
                            {"seconds", progress.length_ns / 1'000'000'000},
                            {"of_seconds", progress.of_length_ns / 1'000'000'000},
                            {"labels_due", TimeOrNull(progress.labels_due_ns)}};
  }
}

HistoryQuery ParseHistoryQuery(const std::multimap<std::string, std::string>& parameters) {
  HistoryQuery query;
  for (const auto& [name, value] : parameters) {
    if (parameters.count(name) > 1) throw BadRequest("`" + name + "` is given more than once");
    if (name == "model") query.model = value;
    if (name == "version") query.version = value;
    if (name == "variant") query.variant = value;
    if (name == "feature") query.feature = value;
    if (name == "from") query.from_ns = TimeOf(name, value);
    if (name == "to") query.to_ns = TimeOf(name, value);
    if (name == "limit") query.limit = LimitOf(value);
  }
  if (query.from_ns && query.to_ns && *query.from_ns > *query.to_ns) throw BadRequest("`from` is later than `to`");
  return query;
}

json ErrorJson(const std::string& message) { return {{"error", message}}; }

std::string Dump(const json& answer) { return answer.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace monitor
