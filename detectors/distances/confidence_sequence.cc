#include "detectors/distances/confidence_sequence.h"

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

// Of the comparison once both samples are `times` as large.
double RadiusAt(double times, const SampleMean& first, const SampleMean& second, double alpha) {
  const double count1 = times * static_cast<double>(first.count), count2 = times * static_cast<double>(second.count);
  if (std::min(count1, count2) < static_cast<double>(kLeastCompared)) return std::numeric_limits<double>::infinity();
  const double variance = std::max(first.variance, second.variance);
  return RadiusOf(count1, variance, alpha / 2) + RadiusOf(count2, variance, alpha / 2);
}

}  // namespace

double ConfidenceSequenceRadius(std::uint64_t count, double variance, double alpha) {
  return count == 0 ? std::numeric_limits<double>::infinity() : RadiusOf(static_cast<double>(count), variance, alpha);
}

MeanComparison CompareMeans(const SampleMean& first, const SampleMean& second, double alpha) {
  return {second.mean - first.mean, RadiusAt(1, first, second, alpha)};
}

std::optional<double> ValuesMissing(const SampleMean& first, const SampleMean& second, double alpha) {
  const MeanComparison now = CompareMeans(first, second, alpha);
  if (now.decided() || now.difference == 0 || first.count == 0 || second.count == 0) return std::nullopt;
  const double wanted = std::abs(now.difference);
  double low = 1, high = 2;
  while (high < kMostTimes && RadiusAt(high, first, second, alpha) >= wanted) low = high, high *= 2;
  if (high >= kMostTimes) return std::nullopt;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (RadiusAt(middle, first, second, alpha) >= wanted ? low : high) = middle;
  }
  return (high - 1) * (static_cast<double>(first.count) + static_cast<double>(second.count));
}

}  // namespace detectors
