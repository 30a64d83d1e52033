#include "monitor/judge/triage/attribution.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "monitor/judge/windows/wording.h"

namespace monitor {

std::optional<Attribution> AttributionOf(const baselines::Profile& profile, std::size_t feature,
                                         const detectors::FeatureSummary& live) {
  if (!profile.outcome || feature >= profile.outcome->tables.size()) return std::nullopt;
  const auto effect = detectors::Composition(profile.outcome->tables[feature], live);
  if (!effect) return std::nullopt;
  return Attribution{&*profile.outcome, *effect};
}

nlohmann::json AttributionJson(const std::optional<Attribution>& attribution) {
  if (!attribution) return nullptr;
  const auto& [reference, effect] = *attribution;
  const auto optional = [](const std::optional<double>& value, double unit) {
    return value ? nlohmann::json(*value / unit) : nlohmann::json(nullptr);
  };
  return {{"outcome", reference->outcome},
          {"class", reference->of_class.empty() ? nlohmann::json(nullptr) : nlohmann::json(reference->of_class)},
          {"effect", effect.outcome},
          {"effect_sd", attribution->in_deviations()},
          {"touched_sd", optional(effect.touched, reference->deviation)},
          {"error", optional(effect.error, 1)}};
}

std::string AttributionClause(const std::optional<Attribution>& attribution) {
  if (!attribution) return {};
  const baselines::OutcomeReference& reference = *attribution->reference;
  const std::string what = reference.of_class.empty() ? "the mean " + reference.outcome
                                                      : "the share of predictions `" + reference.of_class + "`";
  if (attribution->negligible()) return "; it hardly touches " + what;
  const double effect = attribution->effect.outcome;
  return "; by itself this moves " + what + " by " + (effect < 0 ? "−" : "+") + Number(std::abs(effect)) + ", " +
         Number(std::abs(attribution->in_deviations())) + " standard deviations";
}

}  // namespace monitor
