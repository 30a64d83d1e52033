// WeightedValues: values that stand for several rows each, as items of a sketch do → bins and their counts.
//
// Counts are built by doubling: a weight takes as many merges as it has bits. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "detectors/feature_summary.h"

namespace monitor {

class WeightedValues {
 public:
  void Add(double value, std::uint64_t weight) {
    weights_[value] += weight;
    count_ += weight;
  }

  std::uint64_t count() const { return count_; }
  std::size_t distinct() const { return weights_.size(); }
  double min() const { return weights_.empty() ? 0 : weights_.begin()->first; }
  double max() const { return weights_.empty() ? 0 : weights_.rbegin()->first; }
  double Quantile(double share) const;  // the value of that rank; NaN without values

  // For Binning::Freeze; `low` and `high` are the extremes that are known exactly. Valid as long as this.
  detectors::BinningSource Source(double low, double high, double point_mass) const;
  detectors::FeatureSummary Count(const std::shared_ptr<const detectors::FeatureShape>& shape) const;

 private:
  std::map<double, std::uint64_t> weights_;
  std::uint64_t count_ = 0;
};

// One record with this category; `unseen` is its name for CategoryDictionary::kUnseen.
detectors::FeatureSummary CategoryOnce(const std::shared_ptr<const detectors::FeatureShape>& shape,
                                       detectors::CategoryId id, std::string_view unseen);

// Adds `once` as often as `times` says.
void AddTimes(detectors::FeatureSummary& sum, detectors::FeatureSummary once, std::uint64_t times);

}  // namespace monitor
