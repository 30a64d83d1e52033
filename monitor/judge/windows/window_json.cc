#include "monitor/judge/windows/window_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace monitor {
namespace {

nlohmann::json Finite(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr); }
nlohmann::json Value(const detectors::Estimate& estimate) {
  return estimate.ok() ? Finite(estimate.value) : nlohmann::json(nullptr);
}
nlohmann::json Low(const detectors::Estimate& estimate) {
  return estimate.ok() ? Finite(estimate.low) : nlohmann::json(nullptr);
}
nlohmann::json High(const detectors::Estimate& estimate) {
  return estimate.ok() ? Finite(estimate.high) : nlohmann::json(nullptr);
}

}  // namespace

nlohmann::json FeatureJson(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                           const detectors::Distances& distances, const FeatureVerdict& verdict,
                           const std::optional<double>& evidence) {
  const bool numeric = live.kind() == detectors::FeatureKind::kNumeric;
  const auto moment = [&](double value) { return numeric ? Finite(value) : nlohmann::json(nullptr); };
  return {{"name", base.name},
          {"type", numeric ? "numeric" : "categorical"},
          {"count", live.records()},
          {"missing", live.missing()},
          {"unseen", live.unseen()},
          {"type_faults", live.type_faults()},
          {"psi", Value(distances.psi)},
          {"psi_low", Low(distances.psi)},
          {"ks", Value(distances.ks)},
          {"js", Value(distances.js)},
          {"wasserstein", Value(distances.wasserstein)},
          {"hellinger", Value(distances.hellinger)},
          {"tv", Value(distances.total_variation)},
          {"chi2", Value(distances.chi2)},
          {"linf", Value(distances.linf)},
          {"effect", Value(distances.effect)},
          {"effect_low", Low(distances.effect)},
          {"effect_high", High(distances.effect)},
          {"mean", moment(live.moments().mean())},
          {"std", moment(live.moments().standard_deviation())},
          {"min", moment(live.moments().min())},
          {"max", moment(live.moments().max())},
          {"verdict", Text(verdict.verdict)},
          {"evidence", evidence ? Finite(*evidence) : nlohmann::json(nullptr)},
          {"why", verdict.why}};
}

}  // namespace monitor
