// AlarmBudget: from the number that an operator states, expected false alarms per period, to each monitor's threshold.
//
// A period has T = period/step steps. With weights that add up to 1 over all monitors of a budget, the threshold
// c = T/(X·w) keeps the expected number of false alarms of all of them at or below X per period, whatever their
// dependence (STATISTICS 3.2). Monitors on different clocks (pane, step) share a budget by splitting the weights.
// Pure functions. Errors: std::invalid_argument for numbers that are no budget, step or weight.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace detectors {

struct AlarmBudget {
  double expected_false_alarms = 1;  // X, above 0
  std::int64_t period_ns = std::int64_t{30} * 24 * 3600 * 1'000'000'000;

  // c for a monitor of weight `weight` (0..1] that is updated every `step_ns`.
  double Threshold(std::int64_t step_ns, double weight) const;
};

// Shares of a budget: half in equal parts, half by importance, so that what nobody thought important keeps a voice
// (STATISTICS 3.2). Importances are ≥ 0 in any unit; where all are 0 every feature gets the same. Sum 1.
std::vector<double> FeatureWeights(std::span<const double> importances);

}  // namespace detectors
