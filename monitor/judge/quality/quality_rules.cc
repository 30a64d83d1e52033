#include "monitor/judge/quality/quality_rules.h"

#include <algorithm>
#include <cmath>

#include "alerts/messages/time_text.h"
#include "detectors/distances/proportion.h"
#include "monitor/judge/evidence/evidence_monitor.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using alerts::Observation;
using detectors::Estimate;

constexpr double kDefaultDrop = 0.05;
constexpr double kDefaultRise = 0.25;             // of rmse, relative
constexpr double kGap = 0.05;                     // between estimated and true accuracy
constexpr double kGapCoverage = 0.5;              // below it the labelled predictions may be another population
constexpr std::uint64_t kCohortsForCoverage = 3;  // before falling coverage is told

class Findings {
 public:
  explicit Findings(const QualityInput& input) : input_(input) {}

  QualityVerdicts Take() {
    bool any_rule = false;
    for (const RuleConfig& rule : input_.config.rules) {
      const Estimate* estimate = Find(rule.metric);
      if (estimate == nullptr && rule.metric != "coverage") continue;
      any_rule = true;
      if (input_.mature || rule.provisional) Rule(rule);
    }
    if (input_.mature) {
      if (!any_rule) Default();
      Gap();
      Coverage();
    }
    return {std::move(out_), quiet_};
  }

 private:
  const Estimate* Find(const std::string& metric) const {
    const auto found = input_.report.metrics.find(metric);
    return found == input_.report.metrics.end() ? nullptr : &found->second;
  }
  const Estimate* Trained(const std::string& metric) const {
    const auto found = input_.reference.metrics.find(metric);
    return found == input_.reference.metrics.end() || !found->second.ok() ? nullptr : &found->second;
  }

  Observation Base(const std::string& monitor) const {
    Observation observation;
    observation.model = input_.config.name;
    observation.version = input_.version;
    observation.variant = input_.variant;
    observation.monitor = monitor;
    observation.cause = alerts::Cause::kQualityLoss;
    observation.severity = alerts::Severity::kCritical;
    observation.verdict = Observation::Verdict::kInsufficient;
    observation.step_start_ns = observation.began_at_ns = input_.step_start_ns;
    observation.step_end_ns = input_.end_ns;
    observation.count = input_.report.labels;
    return observation;
  }

  std::string Measured(const std::string& metric, const Estimate& estimate) const {
    return metric + " " + Number(estimate.value) + " (95 %: " + Number(estimate.low) + " to " + Number(estimate.high) +
           ") on " + Thousands(input_.report.labels) + " labelled of " + Thousands(input_.report.predictions) +
           " predictions from " + alerts::FormatTimeForPeople(input_.start_ns);
  }

  // Limit on one side; `less_is_better` tells which.
  void Test(Observation& observation, const Estimate& estimate, double limit, bool low_side) const {
    if (!estimate.ok()) return;
    observation.value = estimate.value;
    observation.threshold = limit;
    if (input_.report.labels < kLeastLabels) return;
    if (low_side ? estimate.high < limit : estimate.low > limit) {
      observation.verdict = Observation::Verdict::kViolated;
    } else if (low_side ? estimate.value >= limit : estimate.value <= limit) {
      observation.verdict = Observation::Verdict::kClear;
    }
  }

  void Rule(const RuleConfig& rule) {
    Estimate coverage = detectors::Proportion(input_.report.labels, input_.report.predictions,
                                              detectors::NotComputable::kNoPredictions);
    const Estimate& estimate = rule.metric == "coverage" ? coverage : *Find(rule.metric);
    double limit = 0;
    bool low_side = true;
    std::string words;
    if (rule.drop) {
      const Estimate* trained = Trained(rule.metric);
      if (trained == nullptr) return;
      low_side = !LessIsBetter(rule.metric);
      limit = low_side ? trained->value - *rule.drop : trained->value + *rule.drop;
      words = "worse by more than " + Number(*rule.drop) + " than the " + Number(trained->value) + " " +
              input_.reference.source;
    } else {
      low_side = rule.below.has_value();
      limit = low_side ? *rule.below : *rule.above;
      words = std::string(low_side ? "below " : "above ") + Number(limit);
    }
    Observation observation = Base(
        "rule:" + rule.metric + (rule.drop ? " drop " + Number(*rule.drop) : (low_side ? "<" : ">") + Number(limit)) +
        (rule.provisional ? ":provisional" : ""));
    if (rule.metric == "coverage") observation.cause = alerts::Cause::kBrokenPipeline;
    observation.for_steps = rule.for_steps;
    Test(observation, estimate, limit, low_side);
    if (const Estimate* trained = Trained(rule.metric)) observation.baseline = trained->value;
    if (estimate.ok()) observation.summary = Measured(rule.metric, estimate) + ", " + words + Expected(rule.metric);
    out_.push_back(std::move(observation));
  }

  void Default() {
    const bool numbers = input_.facts.task == baselines::Task::kRegression;
    const std::string metric = numbers ? "rmse" : "accuracy";
    const Estimate* estimate = Find(metric);
    const Estimate* trained = Trained(metric);
    if (estimate == nullptr || trained == nullptr) return;
    Observation observation = Base("quality:" + metric);
    observation.baseline = trained->value;
    Test(observation, *estimate, numbers ? trained->value * (1 + kDefaultRise) : trained->value - kDefaultDrop,
         !numbers);
    if (!estimate->ok()) return;
    observation.summary = Measured(metric, *estimate) + ", while it was " + Number(trained->value) + " " +
                          input_.reference.source + Expected(metric);
    const bool beyond = numbers ? estimate->value > *observation.threshold : estimate->value < *observation.threshold;
    Decide(observation, QualityEvidence::Figure::kQuality, beyond ? Limit::kBeyond : Limit::kWithin,
           alerts::Severity::kCritical);
    if (observation.verdict == Observation::Verdict::kViolated && input_.first) {
      observation.severity = alerts::Severity::kInfo;
      observation.summary +=
          "; worse from the first judged step on, so the training data's predictions were probably made on the rows "
          "that the model was fitted to";
    }
    out_.push_back(std::move(observation));
  }

  // Turns the verdict of the limit into that of the evidence; the limit decides how severe it is: that there is a loss
  // is certain then, so the figure itself has to be beyond it, not its bound. A loss of quality beyond its limit is
  // told by the limit alone, too: it is certain to 95 %, and nobody wants to wait for more.
  enum class Limit : std::uint8_t { kWithin, kBeyond };  // the figure, whatever its bound
  void Decide(Observation& observation, QualityEvidence::Figure figure, Limit limit, alerts::Severity beyond) {
    const bool over = observation.verdict == Observation::Verdict::kViolated;
    quiet_[static_cast<std::size_t>(figure)] = observation.verdict == Observation::Verdict::kClear;
    const StepDetector& evidence = input_.evidence.Of(figure);
    const bool by_limit = figure == QualityEvidence::Figure::kQuality;
    if (evidence.firing()) {
      observation.verdict = evidence.quiet_steps() > 0 && !(by_limit && over) ? Observation::Verdict::kInsufficient
                                                                              : Observation::Verdict::kViolated;
    } else if (!by_limit) {
      observation.verdict = Observation::Verdict::kClear;
    }
    if (!evidence.firing()) {
      if (over && by_limit) observation.severity = beyond;
      return;
    }
    const bool worse = input_.evidence.Worse(figure);
    const bool severe = over || (limit == Limit::kBeyond && input_.report.labels >= kLeastLabels);
    observation.severity = severe && worse ? beyond : alerts::Severity::kInfo;
    if (worse && !severe && observation.effect && std::abs(*observation.effect) >= kWarningEffect)
      observation.severity = alerts::Severity::kWarning;
    observation.evidence = evidence.fired_evidence();
    observation.began_at_ns = evidence.began_ns();
    observation.summary += (evidence.standing() ? "; it differs since the beginning, "
                            : worse             ? "; worse, most likely since "
                                                : "; better, most likely since ") +
                           alerts::FormatTimeForPeople(evidence.began_ns()) + "; it took " +
                           std::to_string(evidence.took()) + (evidence.took() == 1 ? " step" : " steps") +
                           " of evidence to tell it from chance";
  }

  // What the scores alone had let expect.
  std::string Expected(const std::string& metric) const {
    const auto found = input_.report.estimated.find(metric);
    if (found == input_.report.estimated.end() || !found->second.ok()) return {};
    return "; the scores alone had let expect " + Number(found->second.value);
  }

  void Gap() {
    const Estimate* truth = Find("accuracy");
    const auto found = input_.report.estimated.find("accuracy");
    if (truth == nullptr || found == input_.report.estimated.end() || !truth->ok() || !found->second.ok()) return;
    const Estimate& estimated = found->second;
    Observation observation = Base("quality_gap:accuracy");
    observation.value = truth->value;
    observation.baseline = estimated.value;
    const double gap = estimated.value - truth->value - input_.reference.gap;
    if (input_.report.labels >= kLeastLabels && input_.report.coverage() >= kGapCoverage) {
      const bool apart = estimated.low - input_.reference.gap > truth->high;
      if (gap > kGap && apart) observation.verdict = Observation::Verdict::kViolated;
      if (gap <= kGap) observation.verdict = Observation::Verdict::kClear;
    }
    observation.summary =
        Measured("accuracy", *truth) + ", but " + Number(estimated.value) + " by the scores alone" +
        (input_.reference.gap == 0 ? "" : ", of which " + Number(input_.reference.gap) + " was accepted") +
        ": what the features say about the label has changed";
    Decide(observation, QualityEvidence::Figure::kGap, gap > kGap ? Limit::kBeyond : Limit::kWithin,
           input_.first ? alerts::Severity::kInfo : alerts::Severity::kWarning);
    if (input_.first)
      observation.summary += ", or the training data's scores were made on the rows that the model was fitted to";
    out_.push_back(std::move(observation));
  }

  void Coverage() {
    if (input_.cohorts_before < kCohortsForCoverage || input_.predictions_before < kLeastLabels ||
        input_.report.predictions < kLeastLabels)
      return;
    const double before = static_cast<double>(input_.labels_before) / static_cast<double>(input_.predictions_before);
    const Estimate difference =
        detectors::ProportionDifference(input_.report.labels, input_.report.predictions, input_.labels_before,
                                        input_.predictions_before, detectors::NotComputable::kNoPredictions);
    const double tolerated = std::max(0.05, 0.2 * before);
    Observation observation = Base("label_coverage");
    observation.cause = alerts::Cause::kBrokenPipeline;
    observation.value = input_.report.coverage();
    observation.baseline = before;
    observation.threshold = before - tolerated;
    observation.verdict = difference.high < -tolerated         ? Observation::Verdict::kViolated
                          : difference.value >= -tolerated / 2 ? Observation::Verdict::kClear
                                                               : Observation::Verdict::kInsufficient;
    observation.count = input_.report.predictions;
    observation.summary = "labels came for " + Number(100 * input_.report.coverage()) + " % of " +
                          Thousands(input_.report.predictions) + " predictions from " +
                          alerts::FormatTimeForPeople(input_.start_ns) + ", for " + Number(100 * before) +
                          " % before: part of the labels is missing";
    Decide(observation, QualityEvidence::Figure::kCoverage,
           difference.value < -tolerated ? Limit::kBeyond : Limit::kWithin, alerts::Severity::kWarning);
    out_.push_back(std::move(observation));
  }

  const QualityInput& input_;
  std::vector<Observation> out_;
  std::array<bool, QualityEvidence::kFigures> quiet_{};
};

}  // namespace

QualityVerdicts QualityFindings(const QualityInput& input) { return Findings(input).Take(); }

}  // namespace monitor
