// ValueSpread: quantiles, point masses and the number of different values of one numeric column.
//
// Exact (quantiles of type R-7) while it holds at most kExactValues; beyond that a KLL sketch (k = 4096, rank error
// 0.07 % at 99 %) that sorted runs of kRun values enter, and DistinctKeys. The result depends on the parts and the
// order in which they are merged only. Not thread-safe. Memory: 2 MiB exact, about 400 KiB as a sketch. Cost: about 12
// ns a value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "baselines/build/distinct_keys.h"
#include "detectors/counts/binning.h"
#include "detectors/counts/quantile_sketch.h"

namespace baselines {

class ValueSpread {
 public:
  static constexpr std::size_t kExactValues = 262'144;

  void Add(std::span<const double> values);  // finite
  void Merge(ValueSpread&& later);
  // Makes a sketch of it now, so that merging such spreads beyond kExactValues sorts nothing.
  void Prepare();

  std::uint64_t count() const { return exact_ ? values_.size() : sketch_->quantiles.count() + values_.size(); }

  // Call once, when everything is in.
  void Finish();
  // After Finish.
  double distinct() const { return distinct_; }
  double Quantile(double share) const;      // NaN while empty
  detectors::BinningSource Source() const;  // refers to this object

 private:
  struct Sketch {
    detectors::QuantileSketch quantiles;
    DistinctKeys distinct;
  };

  void AddToSketch();
  void Condense();
  std::vector<detectors::PointMass> PointMasses() const;

  std::vector<double> values_;    // all of them while exact_, else those that are not in the sketch yet
  std::optional<Sketch> sketch_;  // while exact_: of all values_, or none
  bool exact_ = true;
  double distinct_ = 0;
  std::vector<detectors::QuantileSketch::Item> items_;  // of the sketch, weights summed up
};

}  // namespace baselines
