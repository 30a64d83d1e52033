#include "detectors/evidence/alarm_budget.h"

#include <cmath>
#include <numeric>
#include <stdexcept>

namespace detectors {

double AlarmBudget::Threshold(std::int64_t step_ns, double weight) const {
  if (!(expected_false_alarms > 0) || !std::isfinite(expected_false_alarms))
    throw std::invalid_argument("alarm budget: the expected number of false alarms must be above 0");
  if (step_ns <= 0 || period_ns <= 0) throw std::invalid_argument("alarm budget: step and period must be above 0");
  if (!(weight > 0 && weight <= 1)) throw std::invalid_argument("alarm budget: a weight must be above 0 and at most 1");
  return static_cast<double>(period_ns) / static_cast<double>(step_ns) / (expected_false_alarms * weight);
}

std::vector<double> FeatureWeights(std::span<const double> importances) {
  for (const double importance : importances)
    if (!(importance >= 0 && std::isfinite(importance)))
      throw std::invalid_argument("alarm budget: importances must be finite and at least 0");
  const double sum = std::accumulate(importances.begin(), importances.end(), 0.0);
  const double equal = 1 / static_cast<double>(importances.size());
  std::vector<double> weights;
  weights.reserve(importances.size());
  for (const double importance : importances) weights.push_back(sum > 0 ? 0.5 * equal + 0.5 * importance / sum : equal);
  return weights;
}

}  // namespace detectors
