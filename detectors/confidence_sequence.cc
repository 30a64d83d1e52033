#include "detectors/confidence_sequence.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace detectors {
namespace {

constexpr double kTightestAt = 1'000;
constexpr double kMostTimes = 1e6;  // more labels than that are never

double RadiusOf(double count, double variance, double alpha) {
  const double log_alpha = std::log(alpha);
  const double rho2 = (-2 * log_alpha + std::log(-2 * log_alpha + 1)) / kTightestAt;
  const double grown = count * rho2 + 1;
  return std::sqrt(variance * 2 * grown / (count * count * rho2) * (std::log(grown) / 2 - log_alpha));
}

}  // namespace

double ConfidenceSequenceRadius(std::uint64_t count, double variance, double alpha) {
  return count == 0 ? std::numeric_limits<double>::infinity() : RadiusOf(static_cast<double>(count), variance, alpha);
}

MeanComparison CompareMeans(const SampleMean& first, const SampleMean& second, double alpha) {
  MeanComparison comparison;
  comparison.difference = second.mean - first.mean;
  const double count1 = static_cast<double>(first.count), count2 = static_cast<double>(second.count);
  const double variance = std::max(first.variance, second.variance);
  const auto radius_at = [&](double times) {
    if (std::min(count1, count2) * times < static_cast<double>(kLeastCompared))
      return std::numeric_limits<double>::infinity();
    return RadiusOf(count1 * times, variance, alpha / 2) + RadiusOf(count2 * times, variance, alpha / 2);
  };
  comparison.radius = radius_at(1);
  if (first.count == 0 || second.count == 0) return comparison;
  if (comparison.decided() || comparison.difference == 0) return comparison;
  double low = 1, high = 2;
  while (high < kMostTimes && radius_at(high) >= std::abs(comparison.difference)) low = high, high *= 2;
  if (high >= kMostTimes) return comparison;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (radius_at(middle) >= std::abs(comparison.difference) ? low : high) = middle;
  }
  comparison.values_missing = (high - 1) * (count1 + count2);
  return comparison;
}

}  // namespace detectors
