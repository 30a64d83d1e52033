#include "monitor/judge/triage/changed_settings.h"

#include <algorithm>
#include <tuple>

#include "monitor/ingest/mapping/mapping.h"

namespace monitor {
namespace {

const ModelConfig* Find(const Config& config, const std::string& model) {
  const auto found = std::ranges::find(config.models, model, &ModelConfig::name);
  return found == config.models.end() ? nullptr : &*found;
}

// Of requests or labels.
template <class Source>
bool SameReading(const Source& a, const Source& b) {
  const bool mapped = a.mapping != nullptr && b.mapping != nullptr;
  return std::tie(a.topic, a.format, a.fields, a.time) == std::tie(b.topic, b.format, b.fields, b.time) &&
         (mapped ? *a.mapping == *b.mapping : a.mapping == b.mapping);
}

bool SameLabels(const std::optional<LabelsConfig>& a, const std::optional<LabelsConfig>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  const auto absent = [](const LabelsConfig& labels) {
    return labels.absent ? std::pair(labels.absent->value, labels.absent->after) : std::pair(std::string(), Duration{});
  };
  return SameReading(*a, *b) && std::tie(a->max_delay, a->mature_after) == std::tie(b->max_delay, b->mature_after) &&
         absent(*a) == absent(*b);
}

}  // namespace

std::string ChangedSettings(const Config& before, const Config& now, const std::string& model) {
  const ModelConfig *const a = Find(before, model), *const b = Find(now, model);
  if (a == nullptr || b == nullptr) return "";
  std::string keys;
  const auto note = [&keys](const char* key, bool same) {
    if (!same) keys += (keys.empty() ? "" : ", ") + std::string(key);
  };
  note("requests", SameReading(a->requests, b->requests) && a->requests.responses == b->requests.responses);
  note("labels", SameLabels(a->labels, b->labels));
  note("version", a->version == b->version);
  note("positive", a->positive == b->positive);
  note("task", a->task == b->task);
  note("classes", a->classes == b->classes);
  note("allowed_lateness", a->allowed_lateness == b->allowed_lateness);
  note("idle_after", a->idle_after == b->idle_after);
  note("max_clock_skew", a->max_clock_skew == b->max_clock_skew);
  note("min_effect", a->min_effect == b->min_effect);
  note("importances", a->importances == b->importances);
  note("rules", a->rules == b->rules);
  note("missing_values", a->missing_values == b->missing_values);
  note("alarms", std::tie(before.expected_false_alarms, before.false_alarms_per, before.alarms_over_all) ==
                     std::tie(now.expected_false_alarms, now.false_alarms_per, now.alarms_over_all));
  return keys;
}

}  // namespace monitor
