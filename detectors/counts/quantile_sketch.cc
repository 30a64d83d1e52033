#include "detectors/counts/quantile_sketch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kMinK = 8;
constexpr std::uint32_t kMaxK = 65535;
constexpr std::size_t kMinCapacity = 8;
constexpr std::size_t kMaxLevels = 60;
constexpr double kDecay = 2.0 / 3.0;
constexpr std::size_t kMaxDepth = 32;  // from here on k·(2/3)^depth is below the smallest capacity for every k
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// (2/3)^depth.
constexpr auto kDecayOfDepth = [] {
  std::array<double, kMaxDepth> decay{1};
  for (std::size_t depth = 1; depth < decay.size(); ++depth) decay[depth] = decay[depth - 1] * kDecay;
  return decay;
}();

}  // namespace

QuantileSketch::QuantileSketch(std::uint32_t k, std::uint64_t seed)
    : k_(k), random_((seed + 1) * 0x9E3779B97F4A7C15), levels_(1) {
  if (k < kMinK || k > kMaxK) throw std::invalid_argument("quantile sketch: k must be 8 to 65535");
  if (random_ == 0) random_ = 1;  // the one state that the generator never leaves
  Recount();
}

// The highest level holds k items, every lower one two thirds of the one above it.
std::size_t QuantileSketch::LevelCapacity(std::size_t level) const {
  const std::size_t depth = levels_.size() - 1 - level;
  if (depth >= kMaxDepth) return kMinCapacity;
  return std::max(kMinCapacity, static_cast<std::size_t>(k_ * kDecayOfDepth[depth] + 0.5));
}

void QuantileSketch::Recount() {
  std::size_t capacity = 0;
  std::size_t items = 0;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    capacity += LevelCapacity(level);
    items += levels_[level].size();
  }
  room_ = static_cast<std::ptrdiff_t>(capacity) - static_cast<std::ptrdiff_t>(items);
}

std::uint64_t QuantileSketch::Random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

void QuantileSketch::Add(double value) {
  if (std::isnan(value)) return;
  if (room_ <= 0) Grow();
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  ++count_;
  --room_;
  levels_[0].push_back(value);
}

void QuantileSketch::Add(std::span<const double> values) {
  for (const double value : values) Add(value);
}

void QuantileSketch::AddSorted(std::span<const double> values) {
  if (values.empty()) return;
  min_ = count_ == 0 ? values.front() : std::min(min_, values.front());
  max_ = count_ == 0 ? values.back() : std::max(max_, values.back());
  count_ += values.size();
  std::size_t level = 0;
  while (values.size() >> level > k_) ++level;
  // What the division leaves over stands for itself; which end it is of is the coin's choice.
  const std::size_t weight = std::size_t{1} << level, left = values.size() % weight;
  const bool left_first = left > 0 && Coin() == 1;
  const auto whole = left_first ? values.subspan(left) : values.first(values.size() - left);
  const auto rest = level == 0 ? values : left_first ? values.first(left) : values.last(left);
  levels_[0].insert(levels_[0].end(), rest.begin(), rest.end());
  if (level > 0) {
    if (levels_.size() <= level) levels_.resize(level + 1);
    std::vector<double> taken;
    taken.reserve(whole.size() / weight);
    for (std::size_t at = Random() >> (64 - level); at < whole.size(); at += weight) taken.push_back(whole[at]);
    MergeInto(levels_[level], taken);
  }
  Recount();
  if (room_ <= 0) Grow();
}

void QuantileSketch::MergeInto(std::vector<double>& level, std::span<const double> sorted) {
  const auto middle = static_cast<std::ptrdiff_t>(level.size());
  level.insert(level.end(), sorted.begin(), sorted.end());
  std::inplace_merge(level.begin(), level.begin() + middle, level.end());
}

// Every second item of the lowest full level goes up with double weight; of an odd number one item stays behind.
// Whether the even or the odd ones go, and which end stays, is the coin's choice, so that ranks are right on average.
void QuantileSketch::Grow() {
  while (room_ <= 0) {
    std::size_t level = 0;
    while (levels_[level].size() < LevelCapacity(level)) ++level;
    const bool higher = level + 1 == levels_.size();
    if (higher) levels_.emplace_back();
    std::vector<double>& from = levels_[level];
    std::vector<double>& to = levels_[level + 1];
    if (level == 0) std::ranges::sort(from);

    const bool odd = from.size() % 2 == 1;
    const std::size_t skip = odd && Coin() == 1 ? 1 : 0;
    const double left = skip == 1 ? from.front() : from.back();
    const std::size_t pairs = from.size() / 2;
    const std::size_t offset = skip + Coin();
    // Merge from the end, in place.
    std::size_t old = to.size();
    to.resize(old + pairs);
    for (std::size_t up = pairs, at = to.size(); up > 0; --at) {
      const double candidate = from[offset + 2 * (up - 1)];
      if (old > 0 && to[old - 1] > candidate) {
        to[at - 1] = to[--old];
      } else {
        to[at - 1] = candidate;
        --up;
      }
    }
    from.clear();
    if (odd) from.push_back(left);
    if (higher) {
      Recount();
    } else {
      room_ += static_cast<std::ptrdiff_t>(pairs);
    }
  }
}

void QuantileSketch::Merge(const QuantileSketch& other) {
  if (&other == this) return Merge(QuantileSketch(other));
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  k_ = std::min(k_, other.k_);
  if (levels_.size() < other.levels_.size()) levels_.resize(other.levels_.size());
  for (std::size_t level = 0; level < other.levels_.size(); ++level) {
    const std::vector<double>& from = other.levels_[level];
    if (level == 0) {
      levels_[0].insert(levels_[0].end(), from.begin(), from.end());
    } else {
      MergeInto(levels_[level], from);
    }
  }
  Recount();
  if (room_ <= 0) Grow();
}

bool QuantileSketch::exact() const { return levels_.size() == 1; }
double QuantileSketch::min() const { return count_ == 0 ? kNaN : min_; }
double QuantileSketch::max() const { return count_ == 0 ? kNaN : max_; }
double QuantileSketch::RankError(std::uint32_t k) { return 2.296 / std::pow(k, 0.9723); }

std::vector<QuantileSketch::Item> QuantileSketch::SortedItems() const {
  std::vector<Item> items;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    for (const double value : levels_[level]) items.push_back({value, std::uint64_t{1} << level});
  }
  std::ranges::sort(items, {}, &Item::value);
  return items;
}

double QuantileSketch::Quantile(double share) const {
  if (count_ == 0) return kNaN;
  if (share <= 0) return min_;
  if (share >= 1) return max_;
  const std::vector<Item> items = SortedItems();
  if (exact()) {
    const double at = share * static_cast<double>(items.size() - 1);
    const auto lower = static_cast<std::size_t>(at);
    const double a = items[lower].value;
    const double b = items[std::min(lower + 1, items.size() - 1)].value;
    const double part = at - static_cast<double>(lower);
    // Equal neighbours give their value to the last bit, and infinite ones no NaN.
    return a == b || part == 0 || std::isinf(a) ? a : a + (b - a) * part;
  }
  const double target = share * static_cast<double>(count_);
  std::uint64_t below = 0;
  for (const Item& item : items) {
    below += item.weight;
    if (static_cast<double>(below) >= target) return item.value;
  }
  return max_;
}

double QuantileSketch::Rank(double value) const {
  if (count_ == 0) return kNaN;
  std::uint64_t below = 0;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    const auto items = std::ranges::count_if(levels_[level], [&](double item) { return item <= value; });
    below += static_cast<std::uint64_t>(items) << level;
  }
  return static_cast<double>(below) / static_cast<double>(count_);
}

void QuantileSketch::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(k_);
  out.Varint(random_);
  out.Varint(count_);
  if (count_ == 0) return;
  out.Double(min_);
  out.Double(max_);
  out.Varint(levels_.size());
  for (const std::vector<double>& level : levels_) {
    out.Varint(level.size());
    for (const double item : level) out.Double(item);
  }
}

QuantileSketch QuantileSketch::Decode(Decoder& in) {
  in.Version(kVersion, "quantile sketch");
  const std::uint64_t k = in.Varint();
  if (k < kMinK || k > kMaxK) throw DecodeError("quantile sketch: malformed k");
  QuantileSketch sketch(static_cast<std::uint32_t>(k));
  sketch.random_ = in.Varint();
  if (sketch.random_ == 0) throw DecodeError("quantile sketch: malformed generator");
  sketch.count_ = in.Varint();
  if (sketch.count_ == 0) return sketch;
  sketch.min_ = in.Double();
  sketch.max_ = in.Double();
  sketch.levels_.resize(std::max<std::size_t>(1, in.Count(kMaxLevels)));
  std::uint64_t weight = 0;
  for (std::size_t level = 0; level < sketch.levels_.size(); ++level) {
    std::vector<double>& items = sketch.levels_[level];
    items.resize(in.Count(sketch.count_ >> level));
    for (double& item : items) {
      item = in.Double();
      if (!(item >= sketch.min_ && item <= sketch.max_)) throw DecodeError("quantile sketch: an item beyond the range");
      weight += std::uint64_t{1} << level;
    }
    if (level > 0 && !std::ranges::is_sorted(items)) throw DecodeError("quantile sketch: a level is not sorted");
  }
  if (weight != sketch.count_) throw DecodeError("quantile sketch: items and count differ");
  sketch.Recount();
  return sketch;
}

}  // namespace detectors
