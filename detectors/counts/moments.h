// Moments: count, mean, second central moment, minimum and maximum of a numeric feature.
//
// Filled block by block: a block is summarised around its own mean, by Boost.Accumulators or with AVX2 to the same
// bits, and folded in with the pairwise formula of Chan, Golub and LeVeque (1979), so sums never cancel. Any split and
// order of the same values gives the same result to 1e-12 relative. Values beyond ±1e100 would overflow the square:
// they take part in minimum, maximum and `extreme()`, not in mean and variance, so one wild reading cannot turn every
// later mean into infinity. NaN means "no value" and is skipped. The mean is kept as the sum of two doubles, so that
// the variance survives a mean that is a billion standard deviations away from zero (ids, times in milliseconds). The
// variance of equal values is exactly 0. Not thread-safe. Cost: about 0.7 ns per value, 3 ns without AVX2.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "detectors/encoding.h"

namespace detectors {

class Moments {
 public:
  static constexpr double kExtreme = 1e100;

  void Add(std::span<const double> values);
  void Merge(const Moments& other);

  std::uint64_t count() const { return count_; }      // values in mean and variance
  std::uint64_t extreme() const { return extreme_; }  // finite or infinite values beyond ±kExtreme
  // NaN while count() is 0. Variances: population (divide by n) and sample (n − 1; NaN below two values).
  double mean() const;
  double population_variance() const;
  double sample_variance() const;
  double standard_deviation() const;  // square root of the sample variance
  double min() const;                 // NaN without values
  double max() const;

  void Encode(Encoder& out) const;
  static Moments Decode(Decoder& in);

 private:
  void AddBlock(std::span<const double> values);
  void AddExtreme(std::span<const double> values);  // of these, the extreme ones
  void Widen(double min, double max);
  void Fold(std::uint64_t count, double mean, double mean_rest, double m2);

  std::uint64_t count_ = 0;
  std::uint64_t extreme_ = 0;
  double mean_ = 0;  // the mean is mean_ + mean_rest_
  double mean_rest_ = 0;
  double m2_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

}  // namespace detectors
