// ConfidenceSequence: an interval for a mean that holds at every sample size at once, so one may look after every label
// and stop when one likes.
//
// Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), "Time-uniform central limit
// theory and asymptotic confidence sequences", theorem 2.2, with its tuning (equation 12) for the tightest interval at
// 1,000 values. Values must be independent. Pure functions, constant time.
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
  bool decided() const { return radius < (difference < 0 ? -difference : difference); }
};

// Below so many values of either sample the asymptotics say nothing: the radius is infinite.
inline constexpr std::uint64_t kLeastCompared = 30;

// Two independent samples, each with half of `alpha`, and both with the larger of the two variances: a sample of a
// tenth of the other's size may not have met its rare large values yet, and its own variance would make it too sure
// (measured with one value in a hundred a hundred times larger: 16 % of 1,000 runs ever wrong; so none). The price is
// paid where the variances do differ. The theorem asks for more than two moments: of absolute errors that holds for
// Student's t with 3 degrees of freedom. Without a variance nothing is proved;
// tests/detectors/distances/confidence_sequence_test.cc has what is measured then. What one of the two samples alone
// can have and has never shown, nobody can allow for.
MeanComparison CompareMeans(const SampleMean& first, const SampleMean& second, double alpha);

// Values of both together until the radius falls below the difference as it is now; nullopt where it has, or where the
// difference is zero, or one sample is empty. Cost: some 60 times that of CompareMeans.
std::optional<double> ValuesMissing(const SampleMean& first, const SampleMean& second, double alpha);

}  // namespace detectors
