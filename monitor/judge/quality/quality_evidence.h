// QualityEvidence: what the labels of one (version, variant) say about its quality, as evidence under the budget of
// false alarms; fed once for every cohort that has matured.
//
// Three figures, with the shares of alarm_shares.h: the quality against that of the training data (the rate of errors
// as a proportion, the mean squared error as a capped mean); the gap between it and what the scores alone had let
// expect (the calibrated chance of being right, summed over the same labelled predictions, by a bounded mean); the
// share of predictions with a label against the cohorts before the window. A cohort without labels changes nothing but
// the last of them. The reference's rows have an unknown order, so its error is taken with a design effect of 4; that
// of cohorts is learnt as for columns, but not while the figure fires. Part of the checkpoint. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "detectors/encoding.h"
#include "detectors/evidence/alarm_budget.h"
#include "detectors/evidence/design_effect.h"
#include "monitor/judge/evidence/step_detector.h"
#include "monitor/labels/cohort.h"
#include "monitor/labels/quality_facts.h"
#include "monitor/labels/quality_report.h"

namespace monitor {

class QualityEvidence {
 public:
  enum class Figure : std::uint8_t { kQuality, kGap, kCoverage };
  static constexpr std::size_t kFigures = 3;

  struct CohortInput {
    std::int64_t start_ns;
    const CohortCounts& counts;  // of this step alone
    const QualityFacts& facts;
    const QualityReference& reference;
    bool absent_counts;                               // predictions without a label have the absent one
    std::uint64_t predictions_before, labels_before;  // of the cohorts before the window
    double min_effect;
    detectors::AlarmBudget budget;
    std::int64_t step_ns;
    std::size_t sharers;  // versions and variants with a cohort of this step
  };
  void AddCohort(const CohortInput& input);
  // After AddCohort: the figure of the window is where it should be.
  void Settle(Figure figure, bool quiet) { At(figure).detector.Settle(quiet); }
  // The figure has another reference from now on: nothing fires.
  void StartAnew(Figure figure) { At(figure).detector.StartAnew(); }

  const StepDetector& Of(Figure figure) const { return monitors_[static_cast<std::size_t>(figure)].detector; }
  // The firing figure is worse than its reference, not better.
  bool Worse(Figure figure) const;

  void Encode(detectors::Encoder& out) const;
  static QualityEvidence Decode(detectors::Decoder& in);

 private:
  struct Monitor {
    StepDetector detector;
    std::optional<detectors::DesignEffect> scatter;
  };
  Monitor& At(Figure figure) { return monitors_[static_cast<std::size_t>(figure)]; }
  // Plans differ in what they are fed: `accumulate(design_effect, log_e)`.
  template <class Plan, class Accumulate>
  void Add(Figure figure, const CohortInput& input, const Plan& plan, std::size_t components,
           detectors::DesignEffect::Direction direction, std::uint64_t records, double mean,
           const Accumulate& accumulate);
  void AddRate(Figure figure, const CohortInput& input, const detectors::Tally& reference,
               const detectors::Tally& cohort);
  void AddSquaredError(const CohortInput& input);
  void AddGap(const CohortInput& input);

  std::array<Monitor, kFigures> monitors_;
};

}  // namespace monitor
