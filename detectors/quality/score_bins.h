// ScoreBins: the frozen bins of a score in 0..1, made once from the baseline and shared by everything counted on it.
//
// Bin i holds (edge[i−1], edge[i]]; the first and the last bin are open. Edges: the 255 inner edges of 256 equal bins;
// 0, 1e-6, 1e-5, 1e-4, 1e-3 and 1 less each of the last four, for models that are sure of themselves; and quantiles of
// the baseline's scores, at most as many as leave 512 bins. Immutable after construction, so safe to share between
// threads. Cost: BinOf about 15 ns.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/encoding.h"

namespace detectors {

class ScoreBins {
 public:
  static constexpr std::size_t kMaxBins = 512;

  // `quantile_edges` finite, any order, repetitions allowed; those outside 0..1 are left out, and of too many an evenly
  // spaced choice is taken.
  static ScoreBins Make(std::span<const double> quantile_edges);

  std::uint16_t BinOf(double score) const;  // score must not be NaN
  std::size_t size() const { return edges_.size() + 1; }
  std::span<const double> edges() const { return edges_; }
  double Centre(std::size_t bin) const;  // of the part of the bin within 0..1

  void Encode(Encoder& out) const;
  static ScoreBins Decode(Decoder& in);
  bool operator==(const ScoreBins&) const = default;

 private:
  explicit ScoreBins(std::vector<double> edges);

  std::vector<double> edges_;
  std::vector<double> search_;  // the edges, filled up with +∞ to 2^h − 1 elements, so that every search takes h steps
};

}  // namespace detectors
