#include "baselines/build/column_frame.h"

#include <algorithm>
#include <cmath>

namespace baselines {

using detectors::CategoryDictionary;
using detectors::FeatureKind;
using detectors::FeatureShape;

namespace {

std::shared_ptr<const FeatureShape> ShapeOf(FeatureKind kind, ColumnEvidence& evidence) {
  if (kind == FeatureKind::kNumeric) return FeatureShape::Numeric(detectors::Binning::Freeze(evidence.spread.Source()));
  std::vector<NameTable::Entry> entries = evidence.names.Entries();
  const std::size_t dense = std::min(entries.size(), CategoryDictionary::kMaxKnown);
  std::vector<std::pair<std::uint64_t, std::string>> known;
  for (std::size_t i = 0; i < dense; ++i) known.emplace_back(entries[i].count, CanonicalName(entries[i]));
  std::ranges::sort(
      known, [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<std::string> names;
  for (auto& [count, name] : known) names.push_back(std::move(name));
  std::vector<std::uint64_t> others;
  for (std::size_t i = dense; i < entries.size(); ++i) others.push_back(entries[i].hash);
  return FeatureShape::Categorical(CategoryDictionary(std::move(names), std::move(others)));
}

// Shares of the values at or below each edge of the bins, from the quantiles of a fine grid.
std::vector<double> SharesAtEdges(const FeatureShape& shape, const ValueSpread& spread) {
  constexpr std::size_t kGrid = 2048;
  std::vector<double> values(spread.count() == 0 ? 0 : kGrid);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = spread.Quantile((static_cast<double>(i) + 0.5) / static_cast<double>(kGrid));
  std::vector<double> shares;
  for (const double edge : shape.binning.edges()) {
    const auto above = std::ranges::upper_bound(values, edge);
    shares.push_back(static_cast<double>(above - values.begin()) / static_cast<double>(values.size()));
  }
  return shares;
}

TimeTable::Column TimeColumnOf(const FeatureShape& shape, const ValueSpread& spread) {
  constexpr int kParts = 20;
  TimeTable::Column column{.numeric = shape.kind == FeatureKind::kNumeric};
  const auto edges = shape.binning.edges();
  if (!column.numeric || edges.empty()) return column;
  for (int part = 1; part < kParts; ++part) {
    const double value = spread.Quantile(static_cast<double>(part) / kParts);
    const auto bin = static_cast<std::size_t>(std::ranges::lower_bound(edges, value) - edges.begin());
    if (bin == edges.size()) break;
    if (bin > 0 && spread.Quantile(static_cast<double>(part + 1) / kParts) == value) column.cuts.push_back(bin - 1);
    column.cuts.push_back(bin);
  }
  std::ranges::sort(column.cuts);
  column.cuts.erase(std::ranges::unique(column.cuts).begin(), column.cuts.end());
  for (const std::size_t cut : column.cuts) column.edges.push_back(edges[cut]);
  return column;
}

}  // namespace

FrozenColumn FreezeColumn(FeatureKind kind, ColumnEvidence& evidence, bool scores) {
  FrozenColumn column;
  const ValueSpread& spread = evidence.spread;
  const bool numeric = kind == FeatureKind::kNumeric;
  column.shape = ShapeOf(kind, evidence);
  column.distinct = numeric ? spread.distinct() : evidence.distinct_names();
  column.q25 = numeric ? spread.Quantile(0.25) : std::nan("");
  column.q50 = numeric ? spread.Quantile(0.5) : std::nan("");
  column.q75 = numeric ? spread.Quantile(0.75) : std::nan("");
  if (scores) column.scores = detectors::NormalScores(SharesAtEdges(*column.shape, spread));
  column.times = TimeColumnOf(*column.shape, spread);
  return column;
}

}  // namespace baselines
