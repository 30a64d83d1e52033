#include "baselines/build/value_spread.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "baselines/build/sort_numbers.h"

namespace baselines {
namespace {

constexpr std::uint32_t kSketchSize = 4096;
constexpr std::size_t kRun = 32'768;  // values that are sorted together: with their copy half of a second-level cache
constexpr double kPointMass = 1.0 / 240;

}  // namespace

void ValueSpread::Add(std::span<const double> values) {
  if (exact_) sketch_.reset();
  values_.insert(values_.end(), values.begin(), values.end());
  if (values_.size() > kExactValues || (!exact_ && values_.size() >= kRun)) Condense();
}

void ValueSpread::AddToSketch() {
  if (!sketch_) sketch_.emplace(detectors::QuantileSketch(kSketchSize), DistinctKeys());
  NumberSorter sorter;
  for (std::span<const double> left = values_; !left.empty(); left = left.subspan(std::min(kRun, left.size()))) {
    const auto sorted = sorter.Sort(left.first(std::min(kRun, left.size())));
    sketch_->quantiles.AddSorted(sorted);
    sketch_->distinct.AddSorted(sorted);
  }
}

void ValueSpread::Condense() {
  if (!exact_ || !sketch_) AddToSketch();
  if (exact_) values_ = {};
  values_.clear();
  exact_ = false;
}

void ValueSpread::Prepare() {
  if (!exact_) {
    Condense();
  } else if (!sketch_) {
    AddToSketch();
  }
}

void ValueSpread::Merge(ValueSpread&& later) {
  if (later.count() == 0) return;
  if (count() == 0) {
    *this = std::move(later);
    return;
  }
  const bool exact = exact_ && later.exact_ && count() + later.count() <= kExactValues;
  if (exact) {
    values_.insert(values_.end(), later.values_.begin(), later.values_.end());
    if (!later.sketch_) sketch_.reset();
    if (!sketch_) return;
  } else {
    Condense();
    later.Condense();
  }
  sketch_->quantiles.Merge(later.sketch_->quantiles);
  sketch_->distinct.Merge(later.sketch_->distinct);
}

void ValueSpread::Finish() {
  if (exact_) {
    NumberSorter sorter;
    std::ranges::copy(sorter.Sort(values_), values_.begin());
    distinct_ = static_cast<double>(CountDistinct(values_));
    sketch_.reset();
    return;
  }
  Condense();
  distinct_ = sketch_->distinct.Estimate();
  items_ = sketch_->quantiles.SortedItems();
  std::uint64_t sum = 0;
  for (auto& item : items_) item.weight = sum += item.weight;
}

double ValueSpread::Quantile(double share) const {
  if (count() == 0) return std::numeric_limits<double>::quiet_NaN();
  if (exact_) {
    const double rank = share * static_cast<double>(values_.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const std::size_t above = std::min(below + 1, values_.size() - 1);
    return std::lerp(values_[below], values_[above], rank - static_cast<double>(below));
  }
  const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(count() - 1));
  const auto item = std::ranges::upper_bound(items_, rank, {}, &detectors::QuantileSketch::Item::weight);
  return item == items_.end() ? sketch_->quantiles.max() : item->value;
}

std::vector<detectors::PointMass> ValueSpread::PointMasses() const {
  std::vector<detectors::PointMass> masses;
  const double all = static_cast<double>(count());
  const auto add = [&](double value, std::uint64_t weight) {
    const double share = static_cast<double>(weight) / all;
    if (share > kPointMass) masses.push_back({value, share});
  };
  if (!exact_) {
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (i + 1 < items_.size() && items_[i + 1].value == items_[i].value) continue;
      add(items_[i].value, items_[i].weight - before);
      before = items_[i].weight;
    }
  } else {
    for (auto from = values_.begin(); from != values_.end();) {
      const auto to = std::find_if(from, values_.end(), [&](double value) { return value != *from; });
      add(*from, static_cast<std::uint64_t>(to - from));
      from = to;
    }
  }
  return masses;
}

detectors::BinningSource ValueSpread::Source() const {
  detectors::BinningSource source;
  source.count = count();
  if (source.count == 0) return source;
  source.min = exact_ ? values_.front() : sketch_->quantiles.min();
  source.max = exact_ ? values_.back() : sketch_->quantiles.max();
  source.quantile = [this](double share) { return Quantile(share); };
  source.point_masses = PointMasses();
  return source;
}

}  // namespace baselines
