// ConfidenceSequence: an interval for a mean that holds at every sample size at once, so one may look after every label
// and stop when one likes.
//
// Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), "Time-uniform central limit
// theory and asymptotic confidence sequences", theorem 2.2, with its tuning (equation 12) for the tightest interval at
// 1,000 values. Values must be independent; below some 30 of them it is too narrow. Pure functions, constant time.
#pragma once

#include <cstdint>
#include <optional>

namespace detectors {

// Mean and variance of what was seen.
struct SampleMean {
  std::uint64_t count = 0;
  double mean = 0, variance = 0;
};

// Half the width: |sample mean − mean| stays below it for all counts with probability 1 − alpha. Infinite for no
// values.
double ConfidenceSequenceRadius(std::uint64_t count, double variance, double alpha);

struct MeanComparison {
  double difference = 0;  // second minus first
  double radius = 0;      // of the sequence around it
  // Values of both together until the radius falls below the difference as it is now; nullopt where it has, or where
  // the difference is zero.
  std::optional<double> values_missing;
  bool decided() const { return radius < (difference < 0 ? -difference : difference); }
};

// Two independent samples, each with half of `alpha`.
MeanComparison CompareMeans(const SampleMean& first, const SampleMean& second, double alpha);

}  // namespace detectors
