#include "detectors/distances/proportion.h"

#include <algorithm>
#include <cmath>

namespace detectors {

Interval Wilson(double k, double n) {
  const double p = k / n;
  const double z2 = kZ975 * kZ975;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ975 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {.low = k <= 0 ? 0 : std::max(0.0, centre - half), .high = k >= n ? 1 : std::min(1.0, centre + half)};
}

Estimate Proportion(std::uint64_t k, std::uint64_t n, NotComputable when_none) {
  if (n == 0) return Estimate::None(when_none);
  const auto [low, high] = Wilson(static_cast<double>(k), static_cast<double>(n));
  return {.value = static_cast<double>(k) / static_cast<double>(n), .low = low, .high = high};
}

Estimate ProportionDifference(std::uint64_t k1, std::uint64_t n1, std::uint64_t k2, std::uint64_t n2,
                              NotComputable when_none) {
  const Estimate a = Proportion(k1, n1, when_none);
  const Estimate b = Proportion(k2, n2, when_none);
  if (!a.ok() || !b.ok()) return Estimate::None(when_none);
  const double difference = a.value - b.value;
  return {.value = difference,
          .low = difference - std::hypot(a.value - a.low, b.high - b.value),
          .high = difference + std::hypot(a.high - a.value, b.value - b.low)};
}

Estimate MeanOfProportions(std::span<const Estimate> proportions) {
  const auto n = static_cast<double>(proportions.size());
  double sum = 0;
  double below = 0;
  double above = 0;
  for (const Estimate& proportion : proportions) {
    sum += proportion.value;
    below += (proportion.value - proportion.low) * (proportion.value - proportion.low);
    above += (proportion.high - proportion.value) * (proportion.high - proportion.value);
  }
  const double mean = sum / n;
  return {.value = mean,
          .low = std::max(0.0, mean - std::sqrt(below) / n),
          .high = std::min(1.0, mean + std::sqrt(above) / n)};
}

}  // namespace detectors
