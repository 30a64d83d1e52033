#include "monitor/judge/quality/quality_evidence.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "detectors/evidence/bounded_mean_plan.h"
#include "detectors/evidence/capped_mean_plan.h"
#include "detectors/evidence/rate_plan.h"
#include "monitor/judge/evidence/alarm_shares.h"

namespace monitor {
namespace {

using detectors::BoundedMeanPlan;
using detectors::CappedMeanPlan;
using detectors::DeadBand;
using detectors::RatePlan;
using detectors::RegressionCounts;
using detectors::Tally;

constexpr std::uint8_t kVersion = 1;
constexpr double kLeastCoverage = 0.5;  // below it the labelled predictions may be another population

}  // namespace

template <class Plan, class Accumulate>
void QualityEvidence::Add(Figure figure, const CohortInput& input, const Plan& plan, std::size_t components,
                          detectors::DesignEffect::Direction direction, std::uint64_t records, double mean,
                          const Accumulate& accumulate) {
  Monitor& monitor = At(figure);
  if (!monitor.scatter) monitor.scatter.emplace(std::vector{direction});
  std::vector<double> log_e(components);
  accumulate(monitor.scatter->Value(0, records), log_e);
  monitor.detector.AddStep(input.start_ns, records, log_e, plan.weights(),
                           input.budget.Threshold(input.step_ns, kQualityShare) *
                               static_cast<double>(std::max<std::size_t>(1, input.sharers)));
  // A change would make the next one look usual.
  if (monitor.detector.firing()) {
    monitor.scatter->DropOpenBlock();
  } else {
    monitor.scatter->Add(records, {&mean, 1});
  }
}

void QualityEvidence::AddRate(Figure figure, const CohortInput& input, const Tally& reference, const Tally& cohort) {
  if (reference.records == 0 || cohort.records == 0) return;
  const RatePlan plan({&reference, 1}, DeadBand{.min_effect = input.min_effect});
  const double mean = static_cast<double>(cohort.events) / static_cast<double>(cohort.records);
  Add(figure, input, plan, RatePlan::kPerRate, plan.directions().front(), cohort.records, mean,
      [&](double effect, std::span<double> log_e) {
        plan.Accumulate({&cohort, 1}, {&effect, 1}, log_e);
      });
}

void QualityEvidence::AddSquaredError(const CohortInput& input) {
  const RegressionCounts& before = input.reference.numbers;
  const RegressionCounts& now = input.counts.numbers;
  if (before.labels() == 0 || now.labels() == 0) return;
  const auto rows = static_cast<double>(before.labels());
  const double mean = before.sum(RegressionCounts::kSquaredError) / rows;
  const double variance = before.sum(RegressionCounts::kErrorToFourth) / rows - mean * mean;
  const double sum = now.sum(RegressionCounts::kSquaredError);
  if (!(variance > 0) || !std::isfinite(variance) || !std::isfinite(sum)) return;
  const CappedMeanPlan plan({.mean = mean, .variance = variance, .records = rows},
                            DeadBand{.min_effect = input.min_effect});
  Add(Figure::kQuality, input, plan, CappedMeanPlan::kComponents, plan.direction(), now.labels(),
      sum / static_cast<double>(now.labels()),
      [&](double effect, std::span<double> log_e) { plan.Accumulate(now.labels(), sum, effect, log_e); });
}

// Every labelled prediction is right or not, and its score bin tells the chance: the difference has mean 0 and a range
// of 1 while scores are worth what they were.
void QualityEvidence::AddGap(const CohortInput& input) {
  if (!input.reference.calibration) return;
  const QualityGap gap = GapOf(input.counts.classes, *input.reference.calibration);
  double rows = 0;
  for (const detectors::Calibration::Block& block : input.reference.calibration->blocks()) rows += block.records;
  const auto n = static_cast<double>(gap.records);
  if (gap.records == 0 || rows == 0 || n < kLeastCoverage * static_cast<double>(input.counts.predictions())) return;
  const double deviation = std::sqrt(std::max(1e-9, gap.variance / n));
  constexpr double kZero = 0.5;  // a difference of 0 within the range of 1
  const BoundedMeanPlan plan(
      {.mean = kZero, .tolerance = DeadBand{.min_effect = input.min_effect}.OfMean(deviation, rows)});
  const double difference = gap.difference - input.reference.gap * n;
  Add(Figure::kGap, input, plan, BoundedMeanPlan::kComponents, {.variance = deviation * deviation}, gap.records,
      difference / n, [&](double effect, std::span<double> log_e) {
        plan.Accumulate(gap.records, difference + kZero * n, effect, log_e);
      });
}

void QualityEvidence::AddCohort(const CohortInput& input) {
  if (input.facts.task == baselines::Task::kRegression) {
    AddSquaredError(input);
  } else {
    const auto absent = input.absent_counts && input.facts.absent_value
                            ? std::optional(input.facts.CodeOf(*input.facts.absent_value))
                            : std::nullopt;
    AddRate(Figure::kQuality, input, input.reference.errors,
            ErrorsOf(absent ? input.counts.classes.WithUnlabelledAs(*absent) : input.counts.classes));
    AddGap(input);
  }
  AddRate(Figure::kCoverage, input, {.events = input.labels_before, .records = input.predictions_before},
          {.events = input.counts.labels(), .records = input.counts.predictions()});
}

bool QualityEvidence::Worse(Figure figure) const {
  const std::size_t component = Of(figure).component();
  if (figure == Figure::kCoverage) return !RatePlan::MeaningOf(component).up;
  if (figure == Figure::kGap) return BoundedMeanPlan::Up(component);
  return Of(figure).components() == CappedMeanPlan::kComponents ? CappedMeanPlan::Up(component)
                                                                : RatePlan::MeaningOf(component).up;
}

void QualityEvidence::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  for (const Monitor& monitor : monitors_) {
    monitor.detector.Encode(out);
    out.Byte(monitor.scatter ? 1 : 0);
    if (monitor.scatter) monitor.scatter->Encode(out);
  }
}

QualityEvidence QualityEvidence::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "evidence of quality");
  QualityEvidence evidence;
  for (Monitor& monitor : evidence.monitors_) {
    monitor.detector = StepDetector::Decode(in);
    if (in.Byte() != 0) monitor.scatter = detectors::DesignEffect::Decode(in);
  }
  return evidence;
}

}  // namespace monitor
