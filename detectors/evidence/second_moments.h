// SecondMoments: how the numeric features of a model move together — pairwise sums of their standardized values.
//
// Values come standardized by the baseline (mean 0, standard deviation 1; better still its normal scores, which make
// correlations of skewed features comparable). They are cut to ±4 and kept as multiples of 2^-10, so all sums are
// integers: any split and order of the same rows gives the same bytes, and one outlier of 1e12 counts as 4. NaN is
// missing and leaves out its own pairs only. From the one matrix follow every correlation, and the PCA residual for any
// basis (STATISTICS 7). Meant for a deterministic sample of the records (by hash of the id). Not thread-safe. Cost:
// 1.5 ns per pair and row. Memory: 12 B per pair.
#pragma once

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

  explicit SecondMoments(std::size_t features);

  void AddRow(std::span<const double> standardized);
  void Merge(const SecondMoments& other);  // throws std::logic_error for another number of features

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
  std::vector<std::int32_t> row_;  // the row that is being added; kept to save its allocation
  std::vector<std::size_t> present_;
};

}  // namespace detectors
