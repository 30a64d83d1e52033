// SecondMoments: how the numeric features of a model move together — pairwise sums of their standardized values.
//
// Values come standardized by the baseline, best as normal scores (normal_scores.h), which make correlations of skewed
// features comparable. They are cut to ±4 and kept as multiples of 2^-10, so all sums are integers: any split and order
// of the same rows gives the same bytes, and one outlier of 1e12 counts as 4. A missing value leaves out its own pairs
// only. From the one matrix follow every correlation, and the PCA residual for any basis (STATISTICS 7). Not
// thread-safe. Cost: 0.1 ns per pair and row in full chunks. Memory: 12 B per pair, 60 KB for 100 features.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "detectors/encoding.h"

namespace detectors {

class SecondMoments {
 public:
  static constexpr std::size_t kMaxFeatures = 1024;
  static constexpr std::uint64_t kMinRows = 10;  // of a pair, for a correlation

  static constexpr std::size_t kChunkRows = 64;

  // One feature's values in up to kChunkRows rows: Quantize of them, 0 where the bit of the row in `present` is 0.
  struct Chunk {
    std::array<std::int16_t, kChunkRows> values{};
    std::uint64_t present = 0;
  };
  static std::int16_t Quantize(double standardized);  // not NaN

  explicit SecondMoments(std::size_t features);

  void AddChunk(std::span<const Chunk> rows);  // one Chunk per feature
  void Merge(const SecondMoments& other);      // throws std::logic_error for another number of features

  std::size_t bytes() const { return 12 * products_.size(); }  // of memory, about
  std::size_t features() const { return features_; }
  // Rows in which both are present.
  std::uint64_t rows(std::size_t a, std::size_t b) const { return rows_[At(a, b)]; }
  // Nothing where the pair has fewer than kMinRows rows or one of the two does not vary.
  std::optional<double> Correlation(std::size_t a, std::size_t b) const;

  void Encode(Encoder& out) const;
  static SecondMoments Decode(Decoder& in);
  bool operator==(const SecondMoments&) const = default;

 private:
  // Lower triangle with the diagonal, b ≤ a.
  std::size_t At(std::size_t a, std::size_t b) const { return a < b ? At(b, a) : a * (a + 1) / 2 + b; }
  double Mean(std::size_t feature) const;

  std::size_t features_;
  std::vector<std::int64_t> sums_;
  std::vector<std::int64_t> products_;
  std::vector<std::uint32_t> rows_;
};

}  // namespace detectors
