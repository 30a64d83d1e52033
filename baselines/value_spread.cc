#include "baselines/value_spread.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace baselines {
namespace {

constexpr std::uint32_t kSketchSize = 4096;
constexpr double kPointMass = 1.0 / 240;

// The finaliser of MurmurHash3: every bit of the input moves every bit of the output.
std::uint64_t Mix(std::uint64_t bits) {
  bits = (bits ^ (bits >> 33)) * 0xFF51AFD7ED558CCD;
  bits = (bits ^ (bits >> 33)) * 0xC4CEB9FE1A85EC53;
  return bits ^ (bits >> 33);
}

}  // namespace

bool DistinctKeys::Insert(std::uint64_t hash) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot] == hash) return true;
    if (slots_[slot] != 0) continue;
    if (size_ == kExactDistinct) return false;
    slots_[slot] = hash;
    ++size_;
    return true;
  }
}

void DistinctKeys::AddHash(std::uint64_t hash) {
  counter_.AddHash(hash);
  if (!exact_) return;
  if (slots_.empty()) slots_.resize(4 * kExactDistinct);
  if (!Insert(hash == 0 ? 1 : hash)) {
    exact_ = false;
    slots_ = {};
  }
}

void DistinctKeys::Merge(const DistinctKeys& other) {
  counter_.Merge(other.counter_);
  exact_ = exact_ && other.exact_;
  if (exact_ && slots_.empty()) slots_.resize(4 * kExactDistinct);
  for (const std::uint64_t hash : other.slots_) {
    if (exact_ && hash != 0) exact_ = Insert(hash);
  }
  if (!exact_) slots_ = {};
}

double DistinctKeys::Estimate() const { return exact_ ? static_cast<double>(size_) : std::round(counter_.Estimate()); }

void ValueSpread::Add(std::span<const double> values) {
  for (const double value : values) distinct_.AddHash(Mix(std::bit_cast<std::uint64_t>(value + 0.0)));  // −0 becomes 0
  if (!sketch_ && values_.size() + values.size() <= kExactValues) {
    values_.insert(values_.end(), values.begin(), values.end());
    return;
  }
  Sketch();
  sketch_->Add(values);
}

void ValueSpread::Sketch() {
  Prepare();
  values_ = {};
}

void ValueSpread::Prepare() {
  if (sketch_) return;
  sketch_.emplace(kSketchSize);
  sketch_->Add(values_);
}

void ValueSpread::Merge(ValueSpread&& later) {
  distinct_.Merge(later.distinct_);
  const bool exact = values_.size() == count() && later.values_.size() == later.count();
  if (exact && count() + later.count() <= kExactValues) {
    values_.insert(values_.end(), later.values_.begin(), later.values_.end());
    sketch_.reset();
    return;
  }
  Sketch();
  later.Prepare();
  sketch_->Merge(*later.sketch_);
}

void ValueSpread::Finish() {
  if (values_.size() == count()) {
    std::ranges::sort(values_);
    sketch_.reset();
    return;
  }
  items_ = sketch_->SortedItems();
  std::uint64_t sum = 0;
  for (auto& item : items_) item.weight = sum += item.weight;
}

double ValueSpread::Quantile(double share) const {
  if (count() == 0) return std::numeric_limits<double>::quiet_NaN();
  if (!sketch_) {
    const double rank = share * static_cast<double>(values_.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const std::size_t above = std::min(below + 1, values_.size() - 1);
    return std::lerp(values_[below], values_[above], rank - static_cast<double>(below));
  }
  const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(count() - 1));
  const auto item = std::ranges::upper_bound(items_, rank, {}, &detectors::QuantileSketch::Item::weight);
  return item == items_.end() ? sketch_->max() : item->value;
}

std::vector<detectors::PointMass> ValueSpread::PointMasses() const {
  std::vector<detectors::PointMass> masses;
  const double all = static_cast<double>(count());
  const auto add = [&](double value, std::uint64_t weight) {
    const double share = static_cast<double>(weight) / all;
    if (share > kPointMass) masses.push_back({value, share});
  };
  if (sketch_) {
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
  source.min = sketch_ ? sketch_->min() : values_.front();
  source.max = sketch_ ? sketch_->max() : values_.back();
  source.quantile = [this](double share) { return Quantile(share); };
  source.point_masses = PointMasses();
  return source;
}

}  // namespace baselines
