// What all distances begin with: the totals of two rows of counts, their shares and the reason why nothing can be
// computed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <stdexcept>
#include <vector>

#include "detectors/distances/distance.h"

namespace detectors {

inline constexpr double kZ95 = 1.6448536269514722;  // 95 % of a standard normal variable lie below

struct Shares {
  std::span<const std::uint64_t> baseline;
  std::span<const std::uint64_t> current;
  double m = 0;         // values of the baseline
  double n = 0;         // values of the current summary
  double noise = 0;     // 1/n + 1/m
  double occupied = 0;  // cells with values on either side; the others cannot contribute to the noise
  NotComputable why = NotComputable::kComputed;

  Shares(std::span<const std::uint64_t> baseline_counts, std::span<const std::uint64_t> current_counts)
      : baseline(baseline_counts), current(current_counts) {
    if (baseline.size() != current.size()) throw std::invalid_argument("distance: different numbers of cells");
    for (std::size_t cell = 0; cell < baseline.size(); ++cell) {
      m += static_cast<double>(baseline[cell]);
      n += static_cast<double>(current[cell]);
      if (baseline[cell] + current[cell] > 0) ++occupied;
    }
    if (m == 0)
      why = NotComputable::kNoBaseline;
    else if (n == 0)
      why = NotComputable::kNoData;
    else
      noise = 1 / n + 1 / m;
  }

  std::size_t cells() const { return baseline.size(); }
  double p(std::size_t cell) const { return static_cast<double>(baseline[cell]) / m; }
  double q(std::size_t cell) const { return static_cast<double>(current[cell]) / n; }
};

// Variance of Σ gᵢ·shareᵢ under multinomial sampling, times the number of records: Σ share g² − (Σ share g)².
class DeltaVariance {
 public:
  void Add(double share, double gradient) {
    first_ += share * gradient;
    second_ += share * gradient * gradient;
  }
  double PerRecord() const { return std::max(0.0, second_ - first_ * first_); }

 private:
  double first_ = 0;
  double second_ = 0;
};

}  // namespace detectors
