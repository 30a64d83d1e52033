#include "monitor/ctl/baseline/baseline_histogram.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "monitor/ctl/table.h"

namespace monitor {

Range DrawnRange(const detectors::FeatureSummary& base) {
  const auto edges = base.shape().binning.edges();
  if (edges.empty()) return {};
  constexpr double kTail = 0.005;
  const double all = static_cast<double>(base.values());
  Range range{edges.front(), edges.back()};
  double below = 0;  // values up to edges[i]
  for (std::size_t i = 0; i < edges.size(); ++i) {
    below += static_cast<double>(base.bins()[i]);
    if (below <= kTail * all) range.low = edges[i];
    if (below >= (1 - kTail) * all) {
      range.high = edges[i];
      break;
    }
  }
  return range;
}

std::vector<double> Histogram(const detectors::FeatureSummary& summary, const Range& range, std::size_t cells) {
  std::vector<double> heights(cells, 0.0);
  if (summary.kind() == detectors::FeatureKind::kCategorical) {
    const auto known = summary.categories().known();
    heights.resize(std::min(cells, known.size()));
    std::copy_n(known.begin(), heights.size(), heights.begin());
    return heights;
  }
  const auto edges = summary.shape().binning.edges();
  const double width = (range.high - range.low) / static_cast<double>(cells);
  if (range.high - range.low <= 1e-12 * std::max(std::abs(range.low), std::abs(range.high))) {  // one value only
    heights[cells / 2] = static_cast<double>(summary.values());
    return heights;
  }
  const auto cell_of = [&](double value) {
    if (!(width > 0) || value <= range.low) return std::size_t{0};
    return std::min(cells - 1, static_cast<std::size_t>((value - range.low) / width));
  };
  for (std::size_t i = 0; i < summary.bins().size(); ++i) {
    const auto count = static_cast<double>(summary.bins()[i]);
    if (count == 0) continue;
    const double from = std::clamp(i == 0 ? range.low : edges[i - 1], range.low, range.high);
    const double to = std::clamp(i == edges.size() ? range.high : edges[i], range.low, range.high);
    const std::size_t first = cell_of(from), last = cell_of(to);
    // A bin within one cell, or so narrow that it stands for one value, which is its upper end.
    if (first == last || to - from < width * 1e-3) {
      heights[last] += count;
      continue;
    }
    for (std::size_t cell = first; cell <= last; ++cell) {
      const double begin = range.low + width * static_cast<double>(cell);
      const double shared = std::min(to, begin + width) - std::max(from, begin);
      heights[cell] += count * std::max(0.0, shared) / (to - from);
    }
  }
  return heights;
}

std::string HistogramText(const detectors::FeatureSummary& summary, const detectors::FeatureSummary& base,
                          std::size_t cells) {
  return Spark(Histogram(summary, base.kind() == detectors::FeatureKind::kNumeric ? DrawnRange(base) : Range{}, cells));
}

}  // namespace monitor
