#include "monitor/judge/evaluation.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "alerts/time_text.h"
#include "monitor/judge/verdict.h"
#include "monitor/judge/window_json.h"
#include "monitor/judge/wording.h"

namespace monitor {
namespace {

constexpr double kOff = std::numeric_limits<double>::infinity();

bool About(const RuleConfig& rule, const std::string& feature) { return rule.feature.empty() || rule.feature == feature; }

// A rule on PSI or KS takes the place of the default limit of that measure for the features that it is about.
Thresholds ThresholdsOf(const std::vector<RuleConfig>& rules, const std::string& feature) {
  Thresholds thresholds;
  for (const RuleConfig& rule : rules) {
    if (!About(rule, feature) || !rule.above) continue;
    if (rule.metric == "psi") thresholds.psi = kOff;
    if (rule.metric == "ks") thresholds.ks = kOff;
  }
  return thresholds;
}

// A share of the records as an estimate with its 95 % Wilson bounds.
detectors::Estimate Share(std::uint64_t k, std::uint64_t n) {
  if (n == 0) return detectors::Estimate::None(detectors::NotComputable::kNoData);
  constexpr double kZ = 1.645;
  const double size = static_cast<double>(n), share = static_cast<double>(k) / size;
  const double centre = share + kZ * kZ / (2 * size), spread = kZ * std::sqrt(share * (1 - share) / size + kZ * kZ / (4 * size * size));
  return {share, 0, std::max(0.0, (centre - spread) / (1 + kZ * kZ / size)), std::min(1.0, (centre + spread) / (1 + kZ * kZ / size))};
}

class Evaluation {
 public:
  explicit Evaluation(const WindowInput& input) : input_(input) {}

  nlohmann::json Column(std::size_t i) {
    const baselines::ProfileColumn& base = input_.sum.frame->column(i);
    const detectors::FeatureSummary& live = input_.sum.columns[i];
    const detectors::Distances distances = detectors::Compare(base.summary, live);
    FeatureVerdict verdict = JudgeFeature(base, live, distances, ThresholdsOf(input_.config.rules, base.name));
    if (input_.too_short && verdict.verdict != Verdict::kBroken) {
      verdict = {Verdict::kInsufficient, "feature " + base.name + ": the window does not cover a week, or its own length, yet", verdict.value, verdict.threshold, false};
    }
    const bool is_feature = i < input_.sum.frame->features();

    alerts::Observation distribution = Base(base.name, is_feature);
    distribution.monitor = "distribution:" + base.name;
    distribution.verdict = verdict.verdict == Verdict::kDrift  ? alerts::Observation::Verdict::kViolated
                           : verdict.certainly_ok            ? alerts::Observation::Verdict::kClear
                                                             : alerts::Observation::Verdict::kInsufficient;
    distribution.count = live.values();
    distribution.summary = verdict.why;
    if (std::isfinite(verdict.value)) distribution.value = verdict.value;
    if (std::isfinite(verdict.threshold)) distribution.threshold = verdict.threshold;
    if (distances.effect.ok()) distribution.effect = distances.effect.value;
    result.observations.push_back(std::move(distribution));

    for (const RuleConfig& rule : input_.config.rules) {
      if (About(rule, base.name)) Rule(rule, base, live, distances, is_feature, verdict);
    }
    // A fault that is firing explains the figures better than any distance.
    if (input_.faults != nullptr) {
      if (const auto why = input_.faults->Firing(base.name); !why.empty()) {
        verdict.verdict = Verdict::kBroken;
        verdict.why = why;
      }
    }
    Figures(base.name, live, distances, verdict);
    return FeatureJson(base, live, distances, verdict);
  }

  WindowResult result;

 private:
  alerts::Observation Base(const std::string& feature, bool is_feature) const {
    alerts::Observation observation;
    observation.model = input_.config.name;
    observation.version = input_.version;
    observation.variant = input_.variant;
    observation.feature = feature;
    observation.cause = is_feature ? alerts::Cause::kDataDrift : alerts::Cause::kPredictionDrift;
    observation.step_start_ns = input_.step_start_ns;
    observation.step_end_ns = input_.end_ns;
    observation.began_at_ns = input_.step_start_ns;
    return observation;
  }

  void Rule(const RuleConfig& rule, const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
            const detectors::Distances& distances, bool is_feature, FeatureVerdict& verdict) {
    detectors::Estimate share = detectors::Estimate::None(detectors::NotComputable::kNoData);
    const detectors::Estimate* estimate = Measure(rule.metric, distances);
    if (rule.metric == "missing") share = Share(live.missing(), live.records());
    if (rule.metric == "unseen") share = Share(live.unseen(), live.values());
    if (rule.metric == "missing" || rule.metric == "unseen") estimate = &share;
    if (estimate == nullptr) return;  // a rule on quality
    const bool enough = estimate->ok() && live.records() >= Thresholds{}.least_values;
    const double low = std::isfinite(estimate->low) ? estimate->low : estimate->value;
    const double high = std::isfinite(estimate->high) ? estimate->high : estimate->value;
    const bool certain = (rule.above && high < *rule.above) || (rule.below && low > *rule.below);
    const bool violated = enough && ((rule.above && low > *rule.above) || (rule.below && high < *rule.below));
    const double limit = rule.above ? *rule.above : *rule.below;

    alerts::Observation observation = Base(base.name, is_feature);
    observation.monitor = "rule:" + rule.metric + (rule.above ? ">" : "<") + Number(limit) + ":" + base.name;
    if (rule.metric == "missing" || rule.metric == "unseen") observation.cause = alerts::Cause::kBrokenPipeline;
    observation.verdict = violated            ? alerts::Observation::Verdict::kViolated
                          : enough && certain ? alerts::Observation::Verdict::kClear
                                              : alerts::Observation::Verdict::kInsufficient;
    observation.for_steps = rule.for_steps;
    observation.count = live.records();
    observation.threshold = limit;
    if (estimate->ok()) observation.value = estimate->value;
    if (distances.effect.ok()) observation.effect = distances.effect.value;
    const std::string words = rule.metric == "missing"  ? "share of missing values"
                              : rule.metric == "unseen" ? "share of unseen values"
                                                        : std::string(MeasureWords(rule.metric));
    observation.summary = "feature " + base.name + " breaks the rule `" + rule.metric + (rule.above ? " above " : " below ") + Number(limit) + "`: " +
                          (estimate->ok() ? MeasureSentence(words, *estimate, limit, live.values(), base.summary.values())
                                          : std::string(detectors::Reason(estimate->why)));
    if (violated && verdict.verdict != Verdict::kBroken) {
      verdict = {Verdict::kDrift, observation.summary, estimate->value, limit, false};
    }
    result.observations.push_back(std::move(observation));
  }

  void Figures(const std::string& feature, const detectors::FeatureSummary& live, const detectors::Distances& distances,
               const FeatureVerdict& verdict) {
    FeatureSnapshot figures;
    figures.version = input_.version;
    figures.variant = input_.variant;
    figures.feature = feature;
    const auto value = [](const detectors::Estimate& estimate) {
      return estimate.ok() && std::isfinite(estimate.value) ? std::optional(estimate.value) : std::nullopt;
    };
    figures.psi = value(distances.psi);
    figures.ks = value(distances.ks);
    figures.js = value(distances.js);
    figures.wasserstein = value(distances.wasserstein);
    figures.effect = value(distances.effect);
    if (live.records() > 0) figures.missing_ratio = static_cast<double>(live.missing()) / static_cast<double>(live.records());
    if (live.values() > 0 && live.kind() == detectors::FeatureKind::kCategorical) {
      figures.unseen_ratio = static_cast<double>(live.unseen()) / static_cast<double>(live.values());
    }
    figures.drift = verdict.verdict == Verdict::kDrift || verdict.verdict == Verdict::kBroken;
    result.features.push_back(std::move(figures));
  }

  const WindowInput& input_;
};

}  // namespace

WindowResult EvaluateWindow(const WindowInput& input) {
  Evaluation evaluation(input);
  const Frame& frame = *input.sum.frame;
  nlohmann::json row{{"start", alerts::FormatTime(input.start_ns)},
                     {"end", alerts::FormatTime(input.end_ns)},
                     {"partial", input.partial},
                     {"version", input.version},
                     {"variant", input.variant},
                     {"count", input.sum.records},
                     {"extra", input.sum.extra},
                     {"features", nlohmann::json::array()},
                     {"prediction", nullptr},
                     {"score", nullptr}};
  for (std::size_t i = 0; i < frame.columns(); ++i) {
    nlohmann::json column = evaluation.Column(i);
    if (i < frame.features()) {
      row["features"].push_back(std::move(column));
    } else {
      row[static_cast<int>(i) == frame.prediction() ? "prediction" : "score"] = std::move(column);
    }
  }
  evaluation.result.json = row.dump();
  return std::move(evaluation.result);
}

}  // namespace monitor
