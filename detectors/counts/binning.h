// Binning: the frozen bins of one numeric feature, made once from the baseline and shared by every summary of it.
//
// Bin i holds (edge[i−1], edge[i]]; the first and the last bin are open, so every number falls somewhere. Edges (at
// most 254) come from the baseline (STATISTICS 1.5): its quantiles k/240, tail quantiles, minimum and maximum (the
// first bin is "below the minimum", the last "above the maximum"), and for every value that holds more than 1/240 of
// the mass (a point mass) the number just below it, so that the value is a bin of its own as far as the limit of edges
// allows. Coarse bins are exact unions of fine bins: the distinct inner deciles (type R-7), and every value that holds
// at least 5 % of the mass alone. PSI, Jensen–Shannon, Hellinger and chi-square are computed on them;
// Kolmogorov–Smirnov and Wasserstein on the fine ones. Immutable after construction, so safe to share between threads.
// Cost: Count about 2.5 ns per value (bin_search.h).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "detectors/counts/bin_search.h"
#include "detectors/encoding.h"

namespace detectors {

struct PointMass {
  double value;
  double share;  // of all values of the feature, 0..1
};

// What is known of the baseline's values when its bins are frozen.
struct BinningSource {
  std::uint64_t count = 0;  // values (not NaN); 0 makes a binning with one bin
  double min = 0;           // smallest and largest finite value
  double max = 0;
  std::function<double(double)> quantile;  // of a share 0..1, type R-7
  std::vector<PointMass> point_masses;     // every value with more than 1/240 of the mass, any order
};

class Binning {
 public:
  static constexpr std::size_t kMaxEdges = BinSearch::kMaxEdges;

  static Binning Freeze(const BinningSource& source);

  // `edges` strictly increasing and finite, at most kMaxEdges; `coarse_cuts` a subset of them. Throws
  // std::invalid_argument otherwise.
  Binning(const std::vector<double>& edges, std::vector<double> coarse_cuts);

  std::size_t bins() const { return edges().size() + 1; }
  std::size_t coarse_bins() const { return coarse_cuts_.size() + 1; }
  std::span<const double> edges() const { return search_.edges(); }
  std::span<const double> coarse_cuts() const { return coarse_cuts_; }
  std::size_t coarse_of(std::size_t bin) const { return coarse_of_[bin]; }

  std::size_t BinOf(double value) const { return search_.Find(value); }  // value must not be NaN
  // Adds one to the bin of every value; NaN is skipped. `counts` has bins() elements.
  void Count(std::span<const double> values, std::span<std::uint64_t> counts) const;
  // The same, and writes the bin of every value to `bins` (values.size() elements), kNoBin for NaN.
  static constexpr std::uint8_t kNoBin = 255;
  void Count(std::span<const double> values, std::span<std::uint64_t> counts, std::uint8_t* bins) const;
  // Sums fine counts into coarse ones; exact.
  std::vector<std::uint64_t> Coarse(std::span<const std::uint64_t> counts) const;

  void Encode(Encoder& out) const;
  static Binning Decode(Decoder& in);
  bool operator==(const Binning&) const = default;

 private:
  // Counts, writes the bins of Find and returns how many are NaN.
  std::uint64_t CountFound(std::span<const double> values, std::span<std::uint64_t> counts, std::uint8_t* bins) const;

  std::vector<double> coarse_cuts_;
  std::vector<std::uint16_t> coarse_of_;
  BinSearch search_;
};

}  // namespace detectors
