// CellDistribution: the distribution function of a counted numeric column, where its bins let it be known.
//
// Exact at the bins' edges, linear between them, and between the outermost edges and the smallest and largest value.
// A view of the summary: it must outlive it. Cost: O(bins) to make, O(log bins) to ask.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "detectors/feature_summary.h"

namespace monitor {

class CellDistribution {
 public:
  explicit CellDistribution(const detectors::FeatureSummary& summary)
      : edges_(summary.shape().binning.edges()), min_(summary.moments().min()), max_(summary.moments().max()) {
    double sum = 0;
    for (const std::uint64_t count : summary.bins()) below_.push_back(sum += static_cast<double>(count));
    if (sum > 0) {
      for (double& share : below_) share /= sum;
    }
  }

  std::span<const double> edges() const { return edges_; }
  double AtEdge(std::size_t edge) const { return below_[edge]; }  // share of the values at or below it

  double At(double x) const {
    if (edges_.empty() || x >= max_) return 1;
    if (x < min_) return 0;
    const auto above = std::ranges::upper_bound(edges_, x);
    const auto bin = static_cast<std::size_t>(above - edges_.begin());
    const double low = bin == 0 ? std::min(min_, edges_.front()) : edges_[bin - 1];
    const double high = bin == edges_.size() ? std::max(max_, edges_.back()) : edges_[bin];
    const double start = bin == 0 ? 0 : below_[bin - 1];
    return high > low ? start + (below_[bin] - start) * (x - low) / (high - low) : below_[bin];
  }

 private:
  std::span<const double> edges_;
  double min_, max_;
  std::vector<double> below_;
};

}  // namespace monitor
