// EvidencePlan: what one watched quantity of a column counts as evidence, prepared from its baseline.
//
// One face over the plans of detectors/evidence: the distribution of a numeric column, of a categorical one, and rates:
// missing values, type faults, values below and above the training range, unseen categories. Immutable, thread-safe.
// Cost: detectors/evidence/numeric_plan.h and rate_plan.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "detectors/evidence/category_plan.h"
#include "detectors/evidence/numeric_plan.h"
#include "detectors/evidence/rate_plan.h"
#include "detectors/feature_summary.h"
#include "monitor/judge/evidence/alarm_shares.h"
#include "monitor/judge/evidence/category_slots.h"

namespace monitor {

// What the rates of `quantity` count, of all that could show it; empty for a distribution. Out of range: values below
// the training range, then above it.
std::vector<detectors::Tally> TalliesOf(const detectors::FeatureSummary& summary, Quantity quantity);

class EvidencePlan {
 public:
  // `slots`: the categories that are watched one by one, of a categorical column's distribution. Plans of numeric
  // columns, of rates, and of the same slots have components of the same meaning, so their log e can be added and a
  // detector goes on from one to the other, whatever their baselines' bins and categories are.
  EvidencePlan(const detectors::FeatureSummary& baseline, Quantity quantity, const detectors::DeadBand& dead_band,
               const CategorySlots& slots)
      : EvidencePlan(baseline, baseline, quantity, dead_band, slots) {}
  // Compared with `reference`: another summary of the same shape.
  EvidencePlan(const detectors::FeatureSummary& baseline, const detectors::FeatureSummary& reference, Quantity quantity,
               const detectors::DeadBand& dead_band, const CategorySlots& slots);

  bool usable() const;  // else it never says anything
  std::span<const float> weights() const;
  std::vector<detectors::DesignEffect::Direction> directions() const;
  // Which direction of the baseline's StepLadder (profile.h) is `direction` of these.
  std::size_t LadderDirection(std::size_t direction) const;

  // Means of one step in each direction, for DesignEffect; `records` 0: nothing to learn.
  struct StepMeans {
    std::uint64_t records = 0;
    std::vector<double> means;
  };
  StepMeans Means(const detectors::FeatureSummary& step) const;
  // Adds the log e of a step and returns the records it rests on. One design effect per direction.
  std::uint64_t Accumulate(const detectors::FeatureSummary& step, std::span<const double> design_effects,
                           std::span<double> log_e) const;

  // What the log e of one component is computed from, as `account.parts` of an alert shows it (evidence_account.h).
  struct Inputs {
    nlohmann::json json;
    std::uint64_t records = 0;
    double log_e = 0;
    double design_effect = 1;
  };
  Inputs InputsOf(std::size_t component, const detectors::FeatureSummary& reference,
                  const detectors::FeatureSummary& step, std::span<const double> design_effects) const;

  // What a component found, as the end of a sentence: "its values have become larger".
  std::string Words(std::size_t component, const detectors::FeatureSummary& baseline) const;

 private:
  std::vector<detectors::Tally> Tallies(const detectors::FeatureSummary& step) const;
  const detectors::RatePlan* rates() const;

  Quantity quantity_;
  std::variant<detectors::NumericPlan, detectors::CategoryPlan, detectors::RatePlan> plan_;
};

}  // namespace monitor
