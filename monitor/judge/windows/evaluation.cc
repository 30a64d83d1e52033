#include "monitor/judge/windows/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "alerts/messages/time_text.h"
#include "baselines/complete.h"
#include "monitor/judge/triage/attribution.h"
#include "monitor/judge/triage/rate_effect.h"
#include "monitor/judge/triage/reference_words.h"
#include "monitor/judge/windows/correlation_report.h"
#include "monitor/judge/windows/verdict.h"
#include "monitor/judge/windows/window_json.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

// The window's distances decide nothing by themselves; only its faults do.
constexpr Thresholds kFaultsOnly{.psi = std::numeric_limits<double>::infinity(),
                                 .ks = std::numeric_limits<double>::infinity()};

bool About(const RuleConfig& rule, const std::string& feature) {
  return rule.feature.empty() || rule.feature == feature;
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
         "; it took " + StepsText(finding.took) + " of evidence to tell it from chance" + StandingClause(finding) +
         (finding.quiet_steps > 0 ? "; quiet again for " + StepsText(finding.quiet_steps) : "");
}

// "feature temp drifted by 0.53 standard deviations (95 %: 0.41 to 0.62): values above 52 up from 10 % to 31 %; …"
std::string DriftSentence(const baselines::ProfileColumn& base, const DescribedChange& described,
                          const EvidenceFinding& finding) {
  const detectors::Estimate& effect = described.distances.effect;
  const alerts::Change& change = described.change;
  std::string text = "feature " + base.name;
  if (alerts::IsFault(change.kind)) {
    text += " looks wrong: " + change.clues;
  } else {
    text += " drifted";
    if (effect.ok())
      text += " by " + Number(effect.value) + " standard deviations (95 %: " + Number(effect.low) + " to " +
              Number(effect.high) + ")";
  }
  if (!change.where.empty()) text += ": " + change.where;
  if (described.distances.psi.ok())
    text += "; " + MeasureSentence(MeasureWords("psi"), described.distances.psi,
                                   std::numeric_limits<double>::quiet_NaN(), described.values, base.summary.values());
  return text + EvidenceClause(finding);
}

alerts::Severity SeverityOf(const detectors::Estimate& effect) {
  return effect.ok() && effect.value < kWarningEffect ? alerts::Severity::kInfo : alerts::Severity::kWarning;
}

std::optional<detectors::FeatureSummary> AcceptedOf(const EvidenceBook& evidence, const baselines::ProfileColumn& base,
                                                    Quantity quantity, const Frame& frame) {
  return evidence.AcceptedOf(base.name, quantity, frame.profile(), base.summary.shared_shape());
}

class Evaluation {
 public:
  explicit Evaluation(const WindowInput& input)
      : input_(input), described_(DescribeChanges(*input.sum.frame, input.since)) {}

  nlohmann::json Column(std::size_t i) {
    const baselines::ProfileColumn& base = input_.sum.frame->column(i);
    const detectors::FeatureSummary& live = input_.sum.columns[i];
    const detectors::Distances& distances = input_.distances[i];
    const bool is_feature = i < input_.sum.frame->features();
    const auto finding = input_.evidence.Of(base.name, Quantity::kDistribution);
    const auto accepted = AcceptedOf(input_.evidence, base, Quantity::kDistribution, *input_.sum.frame);
    const detectors::Distances judged = accepted ? detectors::Compare(*accepted, live) : distances;
    FeatureVerdict verdict = VerdictOf(base, live, judged, finding);
    const auto attribution =
        is_feature ? AttributionOf(input_.sum.frame->profile(), i, live) : std::optional<Attribution>();
    Distribution(i, live, judged, is_feature, verdict, finding, attribution, accepted.has_value());
    for (const Quantity quantity : QuantitiesOf(base.kind())) {
      if (quantity != Quantity::kDistribution) Rate(base, live, is_feature, quantity, verdict);
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
    nlohmann::json json = FeatureJson(base, live, distances, verdict, evidence);
    if (is_feature) json["attribution"] = AttributionJson(attribution);
    json["reference"] = ReferenceJson(finding, judged);
    return json;
  }

  nlohmann::json Correlation() {
    alerts::Observation base = Base({}, true);
    base.count = input_.sum.records;
    if (auto seen = input_.components.Observe(base, input_.residual)) {
      // One pair that has changed much shows in both: it is told by its names.
      if (input_.correlations.detector().firing()) seen->severity = alerts::Severity::kInfo;
      result.observations.push_back(*std::move(seen));
    }
    if (auto seen = ObserveCorrelation(std::move(base), input_.correlations, input_.correlation))
      result.observations.push_back(*std::move(seen));
    return CorrelationJson(input_.correlations, input_.correlation);
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
      const std::string from = finding->accepted_since_ns == 0
                                   ? ""
                                   : " from the traffic since " +
                                         alerts::FormatTimeForPeople(finding->accepted_since_ns) + " that was accepted";
      verdict.why =
          "feature " + base.name + " drifted" + from + by + ": " +
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

  void Distribution(std::size_t column, const detectors::FeatureSummary& live, const detectors::Distances& distances,
                    bool is_feature, const FeatureVerdict& verdict, const std::optional<EvidenceFinding>& finding,
                    const std::optional<Attribution>& attribution, bool accepted) {
    const baselines::ProfileColumn& base = input_.sum.frame->column(column);
    alerts::Observation observation = Base(base.name, is_feature);
    observation.monitor = std::string(Text(Quantity::kDistribution)) + ":" + base.name;
    const auto described = described_.find(column);
    // Descriptions are against training.
    const bool since = finding && finding->firing && described != described_.end() && !accepted;
    const detectors::Distances& size = since ? described->second.distances : distances;
    Told(observation, finding, size.effect, verdict.verdict == Verdict::kBroken);
    observation.count = since ? described->second.values : live.values();
    observation.summary = verdict.why;
    if (size.psi.ok()) observation.value = size.psi.value;
    if (since) {
      observation.change = described->second.change;
      observation.change.steps = finding->took;
      observation.summary = DriftSentence(base, described->second, *finding);
      if (alerts::IsFault(observation.change.kind)) {
        observation.cause = alerts::Cause::kBrokenPipeline;
        observation.severity = alerts::Severity::kWarning;
      }
    }
    if (observation.verdict == alerts::Observation::Verdict::kViolated) {
      if (attribution && attribution->negligible() && !alerts::IsFault(observation.change.kind))
        observation.severity = alerts::Severity::kInfo;
      observation.summary += AttributionClause(attribution);
    }
    result.observations.push_back(std::move(observation));
  }

  void Rate(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live, bool is_feature,
            Quantity quantity, FeatureVerdict& verdict) {
    const auto finding = input_.evidence.Of(base.name, quantity);
    if (!finding) return;
    const auto accepted = AcceptedOf(input_.evidence, base, quantity, *input_.sum.frame);
    const detectors::Estimate effect = RatesEffect(accepted ? *accepted : base.summary, live, quantity);
    const double before = ShareOf(Together(TalliesOf(base.summary, quantity)));
    const detectors::Tally now = Together(TalliesOf(live, quantity));
    alerts::Observation observation = Base(base.name, is_feature);
    observation.monitor = std::string(Text(quantity)) + ":" + base.name;
    Told(observation, finding, effect, false);
    if (finding->firing) observation.change = DescribeRate(base, live, quantity, effect, finding->took);
    // A value of the wrong type is a fault of whoever sends it, however few there are; so is a renamed category.
    if (quantity == Quantity::kTypeFaults || observation.change.kind == alerts::ChangeKind::kRenamed) {
      observation.cause = alerts::Cause::kBrokenPipeline;
      observation.severity = alerts::Severity::kWarning;
    }
    observation.count = now.records;
    observation.baseline = before;
    if (now.records > 0) observation.value = ShareOf(now);
    observation.summary = "feature " + base.name + ": " + Percent(ShareOf(now)) + " of its values " +
                          std::string(RateWords(quantity)) + ", in " + baselines::ReferenceText(base) + " " +
                          Percent(before) +
                          (effect.ok() ? ", a change of " + Number(effect.value) + " standard deviations" : "") +
                          EvidenceClause(*finding);
    const bool silent = verdict.verdict == Verdict::kOk || verdict.verdict == Verdict::kInsufficient;
    if (silent && observation.verdict == alerts::Observation::Verdict::kViolated)
      verdict = {Verdict::kDrift, observation.summary, ShareOf(now)};
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
    observation.changes = finding->changes;
    observation.changed_at_ns = finding->changed_ns;
    observation.stable_since_ns = finding->stable_since_ns;
    observation.account = finding->account;
  }

  void Rule(const RuleConfig& rule, const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
            const detectors::Distances& distances, bool is_feature, FeatureVerdict& verdict) {
    detectors::Estimate share = detectors::Estimate::None(detectors::NotComputable::kNoData);
    const detectors::Estimate* estimate = Measure(rule.metric, distances);
    if (rule.metric == "missing") share = RateOf(live.missing(), live.records());
    if (rule.metric == "unseen") share = RateOf(live.unseen(), live.values());
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
  std::map<std::size_t, DescribedChange> described_;
};

}  // namespace

void AddWindowEffects(const PaneSummary& sum, const std::vector<detectors::Distances>& distances,
                      const EvidenceBook& evidence, EvidenceBook::WindowEffects& effects) {
  const auto add = [&](const std::string& column, Quantity quantity, const detectors::Estimate& effect) {
    if (!effect.ok()) return;
    double& high = effects[{column, quantity}];
    high = std::max(high, effect.high);
  };
  for (std::size_t i = 0; i < sum.columns.size(); ++i) {
    const baselines::ProfileColumn& base = sum.frame->column(i);
    for (const Quantity quantity : QuantitiesOf(base.kind())) {
      const auto accepted = AcceptedOf(evidence, base, quantity, *sum.frame);
      if (quantity != Quantity::kDistribution) {
        add(base.name, quantity, RatesEffect(accepted ? *accepted : base.summary, sum.columns[i], quantity));
      } else {
        add(base.name, quantity, accepted ? detectors::Compare(*accepted, sum.columns[i]).effect : distances[i].effect);
      }
    }
  }
}

namespace {

nlohmann::json ResidualJson(const WindowInput& input) {
  if (!input.residual) return nullptr;
  const StepDetector& detector = input.components.detector();
  return {{"baseline", input.residual->baseline},
          {"now", input.residual->now},
          {"effect", input.residual->effect},
          {"evidence", detector.firing() ? detector.fired_evidence() : detector.evidence()},
          {"drift", detector.firing()}};
}

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
                     {"score", nullptr},
                     {"correlation", evaluation.Correlation()},
                     {"pca_residual", ResidualJson(input)}};
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
