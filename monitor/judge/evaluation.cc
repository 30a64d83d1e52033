#include "monitor/judge/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "alerts/time_text.h"
#include "monitor/judge/verdict.h"
#include "monitor/judge/window_json.h"
#include "monitor/judge/wording.h"

namespace monitor {
namespace {

// The window's distances decide nothing by themselves; only its faults do.
constexpr Thresholds kFaultsOnly{.psi = std::numeric_limits<double>::infinity(),
                                 .ks = std::numeric_limits<double>::infinity()};

bool About(const RuleConfig& rule, const std::string& feature) {
  return rule.feature.empty() || rule.feature == feature;
}

// A share of the records as an estimate with its 95 % Wilson bounds.
detectors::Estimate Share(std::uint64_t k, std::uint64_t n) {
  if (n == 0) return detectors::Estimate::None(detectors::NotComputable::kNoData);
  constexpr double kZ = 1.645;
  const double size = static_cast<double>(n), share = static_cast<double>(k) / size;
  const double centre = share + kZ * kZ / (2 * size),
               spread = kZ * std::sqrt(share * (1 - share) / size + kZ * kZ / (4 * size * size));
  return {share, 0, std::max(0.0, (centre - spread) / (1 + kZ * kZ / size)),
          std::min(1.0, (centre + spread) / (1 + kZ * kZ / size))};
}

// The change of a rate in standard deviations of one record, never negative. A rate that training never showed is
// measured against the largest one that its rows would not have shown.
detectors::Estimate RateEffect(std::uint64_t base_events, std::uint64_t base_records, std::uint64_t events,
                               std::uint64_t records) {
  if (base_records == 0) return detectors::Estimate::None(detectors::NotComputable::kNoBaseline);
  const detectors::Estimate now = Share(events, records);
  if (!now.ok()) return now;
  const double rows = static_cast<double>(base_records), before = static_cast<double>(base_events) / rows;
  const auto null = detectors::DeadBand{}.OfRate(static_cast<double>(base_events), rows);
  const double scale = before > 0 && before < 1 ? before : before > 0 ? null.low : null.high;
  const double deviation = std::sqrt(scale * (1 - scale));
  const double high = std::max(std::abs(now.low - before), std::abs(now.high - before)) / deviation;
  const double low = now.low <= before && before <= now.high
                         ? 0
                         : std::min(std::abs(now.low - before), std::abs(now.high - before)) / deviation;
  return {std::abs(now.value - before) / deviation, 0, low, high};
}
// Of the rates of a quantity, the largest.
detectors::Estimate RatesEffect(const detectors::FeatureSummary& base, const detectors::FeatureSummary& live,
                                Quantity quantity) {
  const std::vector<detectors::Tally> before = TalliesOf(base, quantity), now = TalliesOf(live, quantity);
  detectors::Estimate largest = detectors::Estimate::None(detectors::NotComputable::kNoData);
  for (std::size_t i = 0; i < now.size(); ++i) {
    const detectors::Estimate effect = RateEffect(before[i].events, before[i].records, now[i].events, now[i].records);
    if (effect.ok() && (!largest.ok() || effect.value > largest.value)) largest = effect;
  }
  return largest;
}

detectors::Tally Together(const std::vector<detectors::Tally>& tallies) {
  detectors::Tally all;
  for (const detectors::Tally& tally : tallies) {
    all.events += tally.events;
    all.records = tally.records;
  }
  return all;
}
double ShareOf(const detectors::Tally& tally) {
  return tally.records == 0 ? 0 : static_cast<double>(tally.events) / static_cast<double>(tally.records);
}

// The end of "3 % of its values …".
std::string_view RateWords(Quantity quantity) {
  switch (quantity) {
    case Quantity::kTypeFaults:
      return "are of the wrong type";
    case Quantity::kOutOfRange:
      return "lie outside the range of training";
    case Quantity::kUnseen:
      return "are unknown to training";
    default:
      return "are missing";
  }
}

std::string StepsText(double steps) {
  return Thousands(static_cast<std::uint64_t>(steps)) + (steps == 1 ? " step" : " steps");
}

// "; its values have become larger, most likely since 1 March 2013, 00:00 UTC; it took 3 steps of evidence to tell it
// from chance"
std::string EvidenceClause(const EvidenceFinding& finding) {
  const std::string since = alerts::FormatTimeForPeople(finding.began_ns);
  return "; " + finding.words +
         (finding.standing ? "; it differs from training since the beginning, " + since
                           : ", most likely since " + since) +
         "; it took " + StepsText(finding.took) + " of evidence to tell it from chance" +
         (finding.quiet_steps > 0 ? "; quiet again for " + StepsText(finding.quiet_steps) : "");
}

alerts::Severity SeverityOf(const detectors::Estimate& effect) {
  return effect.ok() && effect.value < kWarningEffect ? alerts::Severity::kInfo : alerts::Severity::kWarning;
}

class Evaluation {
 public:
  explicit Evaluation(const WindowInput& input) : input_(input) {}

  nlohmann::json Column(std::size_t i) {
    const baselines::ProfileColumn& base = input_.sum.frame->column(i);
    const detectors::FeatureSummary& live = input_.sum.columns[i];
    const detectors::Distances& distances = input_.distances[i];
    const bool is_feature = i < input_.sum.frame->features();
    const auto finding = input_.evidence.Of(base.name, Quantity::kDistribution);
    FeatureVerdict verdict = VerdictOf(base, live, distances, finding);
    Distribution(base, live, distances, is_feature, verdict, finding);
    for (const Quantity quantity : QuantitiesOf(base.kind())) {
      if (quantity != Quantity::kDistribution) Rate(base, live, is_feature, quantity);
    }
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
    const std::optional<double> evidence = finding ? std::optional(finding->evidence) : std::nullopt;
    Figures(base.name, live, distances, verdict, evidence);
    return FeatureJson(base, live, distances, verdict, evidence);
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

  FeatureVerdict VerdictOf(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                           const detectors::Distances& distances, const std::optional<EvidenceFinding>& finding) const {
    FeatureVerdict verdict = JudgeFeature(base, live, distances, kFaultsOnly);
    if (verdict.verdict == Verdict::kBroken || !distances.psi.ok()) return verdict;
    if (finding && finding->firing) {
      const std::string by =
          distances.effect.ok() ? " by " + Number(distances.effect.value) + " standard deviations" : "";
      verdict.verdict = Verdict::kDrift;
      verdict.value = distances.psi.value;
      verdict.why =
          "feature " + base.name + " drifted" + by + ": " +
          MeasureSentence(MeasureWords("psi"), distances.psi, verdict.threshold, live.values(), base.summary.values()) +
          EvidenceClause(*finding);
    } else if (input_.too_short) {
      verdict.verdict = Verdict::kInsufficient;
      verdict.why = "feature " + base.name + ": the window does not cover a week, or its own length, yet";
    } else if (finding && finding->more_steps > 0) {
      verdict.verdict = Verdict::kInsufficient;
      const std::string change = "a change of " + Number(kWarningEffect) + " standard deviations";
      verdict.why =
          std::isfinite(finding->more_steps)
              ? "feature " + base.name + ": " + StepsText(finding->more_steps) + " more are needed to see " + change
              : "feature " + base.name + ": " + change + " cannot be told from the error of a baseline of " +
                    Thousands(base.summary.values()) + " values as far as is known yet";
    }
    return verdict;
  }

  void Distribution(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                    const detectors::Distances& distances, bool is_feature, const FeatureVerdict& verdict,
                    const std::optional<EvidenceFinding>& finding) {
    alerts::Observation observation = Base(base.name, is_feature);
    observation.monitor = std::string(Text(Quantity::kDistribution)) + ":" + base.name;
    Told(observation, finding, distances.effect, verdict.verdict == Verdict::kBroken);
    observation.count = live.values();
    observation.summary = verdict.why;
    if (distances.psi.ok()) observation.value = distances.psi.value;
    result.observations.push_back(std::move(observation));
  }

  void Rate(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live, bool is_feature,
            Quantity quantity) {
    const auto finding = input_.evidence.Of(base.name, quantity);
    if (!finding) return;
    const detectors::Estimate effect = RatesEffect(base.summary, live, quantity);
    const double before = ShareOf(Together(TalliesOf(base.summary, quantity)));
    const detectors::Tally now = Together(TalliesOf(live, quantity));
    alerts::Observation observation = Base(base.name, is_feature);
    observation.monitor = std::string(Text(quantity)) + ":" + base.name;
    Told(observation, finding, effect, false);
    // A value of the wrong type is a fault of whoever sends it, however few there are.
    if (quantity == Quantity::kTypeFaults) {
      observation.cause = alerts::Cause::kBrokenPipeline;
      observation.severity = alerts::Severity::kWarning;
    }
    observation.count = now.records;
    observation.baseline = before;
    if (now.records > 0) observation.value = ShareOf(now);
    observation.summary = "feature " + base.name + ": " + Percent(ShareOf(now)) + " of its values " +
                          std::string(RateWords(quantity)) + ", in training " + Percent(before) +
                          (effect.ok() ? ", a change of " + Number(effect.value) + " standard deviations" : "") +
                          EvidenceClause(*finding);
    result.observations.push_back(std::move(observation));
  }

  // What the evidence says of a monitor. While a fault explains the figures they neither confirm a drift nor end it.
  void Told(alerts::Observation& observation, const std::optional<EvidenceFinding>& finding,
            const detectors::Estimate& effect, bool broken) const {
    const bool firing = finding && finding->firing;
    const bool fault = broken || (input_.faults != nullptr && !input_.faults->Firing(observation.feature).empty());
    // On the way to its end the window says how little is left, not what was found.
    observation.verdict = fault || (firing && finding->quiet_steps > 0) ? alerts::Observation::Verdict::kInsufficient
                          : firing                                      ? alerts::Observation::Verdict::kViolated
                                                                        : alerts::Observation::Verdict::kClear;
    if (effect.ok()) observation.effect = effect.value;
    if (!firing) return;
    observation.severity = SeverityOf(effect);
    observation.began_at_ns = finding->began_ns;
    observation.evidence = finding->fired_evidence;
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
    observation.summary =
        "feature " + base.name + " breaks the rule `" + rule.metric + (rule.above ? " above " : " below ") +
        Number(limit) + "`: " +
        (estimate->ok() ? MeasureSentence(words, *estimate, limit, live.values(), base.summary.values())
                        : std::string(detectors::Reason(estimate->why)));
    if (violated && verdict.verdict != Verdict::kBroken) {
      verdict = {Verdict::kDrift, observation.summary, estimate->value, limit};
    }
    result.observations.push_back(std::move(observation));
  }

  void Figures(const std::string& feature, const detectors::FeatureSummary& live, const detectors::Distances& distances,
               const FeatureVerdict& verdict, const std::optional<double>& evidence) {
    FeatureSnapshot figures;
    figures.evidence = evidence;
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
    if (live.records() > 0)
      figures.missing_ratio = static_cast<double>(live.missing()) / static_cast<double>(live.records());
    if (live.values() > 0 && live.kind() == detectors::FeatureKind::kCategorical) {
      figures.unseen_ratio = static_cast<double>(live.unseen()) / static_cast<double>(live.values());
    }
    figures.drift = verdict.verdict == Verdict::kDrift || verdict.verdict == Verdict::kBroken;
    result.features.push_back(std::move(figures));
  }

  const WindowInput& input_;
};

}  // namespace

void AddWindowEffects(const PaneSummary& sum, const std::vector<detectors::Distances>& distances,
                      EvidenceBook::WindowEffects& effects) {
  const auto add = [&](const std::string& column, Quantity quantity, const detectors::Estimate& effect) {
    if (!effect.ok()) return;
    double& high = effects[{column, quantity}];
    high = std::max(high, effect.high);
  };
  for (std::size_t i = 0; i < sum.columns.size(); ++i) {
    const baselines::ProfileColumn& base = sum.frame->column(i);
    add(base.name, Quantity::kDistribution, distances[i].effect);
    for (const Quantity quantity : QuantitiesOf(base.kind())) {
      if (quantity != Quantity::kDistribution)
        add(base.name, quantity, RatesEffect(base.summary, sum.columns[i], quantity));
    }
  }
}

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
