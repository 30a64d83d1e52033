#include "detectors/evidence/design_effect.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr double kConservativeWobble = 0.1;  // standard deviations
constexpr double kIncomplete = -1;           // of open_square_

// One over the 5 % quantile of the mean of K variates χ²₇/7 whose largest (3 ≤ K < 15: one, from 15 on: two) were
// replaced by the next smaller: what makes that mean a 95 % upper bound. By simulation of 10⁶ means each; the tests
// repeat it.
constexpr std::array<double, DesignEffect::kBlocks> kUpper = {3.231, 2.131, 2.442, 1.992, 1.781, 1.655, 1.572,
                                                              1.509, 1.464, 1.429, 1.397, 1.372, 1.352, 1.333,
                                                              1.368, 1.348, 1.332, 1.318, 1.305, 1.293, 1.283};

std::size_t Replaced(std::size_t blocks) {
  if (blocks < 3) return 0;
  return blocks < 15 ? 1 : 2;
}

bool Usable(double value) { return std::isfinite(value) && value >= 0; }

bool Sound(const DesignEffect::Direction& direction) { return Usable(direction.variance) && Usable(direction.events); }

}  // namespace

DesignEffect::DesignEffect(std::vector<Direction> directions)
    : directions_(std::move(directions)),
      open_first_(directions_.size()),
      open_sum_(directions_.size()),
      open_square_(directions_.size()),
      values_(directions_.size(), 1.0) {
  if (directions_.empty() || directions_.size() > kMaxDirections || !std::ranges::all_of(directions_, Sound))
    throw std::invalid_argument(
        "design effect: needs 1 to 64 directions with finite variances and events of at least 0");
}

DesignEffect::State DesignEffect::state() const {
  if (blocks() == 0) return State::kConservative;
  return blocks() < kBlocks ? State::kLearning : State::kFrozen;
}

void DesignEffect::Add(std::uint64_t records, std::span<const double> means) {
  if (means.size() != directions()) throw std::invalid_argument("design effect: different numbers of directions");
  if (records == 0 || state() == State::kFrozen) return;
  const auto weight = static_cast<double>(records);
  for (std::size_t d = 0; d < directions(); ++d) {
    if (std::isnan(means[d]) || open_square_[d] < 0) {
      open_square_[d] = kIncomplete;
      continue;
    }
    if (open_steps_ == 0) open_first_[d] = means[d];
    const double offset = means[d] - open_first_[d];
    open_sum_[d] += weight * offset;
    open_square_[d] += weight * offset * offset;
  }
  open_records_ += weight;
  if (++open_steps_ == kBlockSteps) CloseBlock();
}

void DesignEffect::Grow(const Direction& direction) {
  if (directions() == kMaxDirections || !Sound(direction))
    throw std::invalid_argument("design effect: no room for another direction, or a malformed one");
  std::vector<float> blocks;
  for (std::size_t block = 0; block < this->blocks(); ++block) {
    const std::span<const float> row = std::span(blocks_).subspan(block * directions(), directions());
    blocks.insert(blocks.end(), row.begin(), row.end());
    blocks.push_back(*std::ranges::max_element(row));
  }
  blocks_ = std::move(blocks);
  directions_.push_back(direction);
  open_first_.push_back(0);
  open_sum_.push_back(0);
  open_square_.push_back(open_steps_ > 0 ? kIncomplete : 0);
  values_.push_back(1);
  Refresh();
}

void DesignEffect::CloseBlock() {
  std::vector<double> effects(directions(), 1.0);
  double largest = 0;  // 0: no direction was there in every step
  for (std::size_t d = 0; d < directions(); ++d) {
    if (open_square_[d] < 0) continue;
    const double square = std::max(0.0, open_square_[d] - open_sum_[d] * open_sum_[d] / open_records_);
    if (directions_[d].variance > 0) effects[d] = square / (kBlockSteps - 1) / directions_[d].variance;
    largest = std::max(largest, effects[d]);
  }
  for (std::size_t d = 0; d < directions(); ++d) {
    if (open_square_[d] < 0) effects[d] = largest > 0 ? largest : kConservative;
    blocks_.push_back(static_cast<float>(std::min(effects[d], 1e30)));
  }
  block_sizes_.push_back(static_cast<float>(open_records_ / kBlockSteps));
  DropOpenBlock();
  Refresh();
}

void DesignEffect::DropOpenBlock() {
  open_steps_ = 0;
  open_records_ = 0;
  std::ranges::fill(open_sum_, 0.0);
  std::ranges::fill(open_square_, 0.0);
}

void DesignEffect::Refresh() {
  const std::size_t count = blocks();
  if (count == 0) return;
  std::vector<double> sizes(block_sizes_.begin(), block_sizes_.end());
  std::ranges::sort(sizes);  // a sum that does not depend on the order of merging
  reference_records_ = std::accumulate(sizes.begin(), sizes.end(), 0.0) / static_cast<double>(count);
  std::vector<double> effects(count);
  for (std::size_t d = 0; d < directions(); ++d) {
    for (std::size_t block = 0; block < count; ++block) effects[block] = blocks_[block * directions() + d];
    std::ranges::sort(effects);
    const std::size_t kept = count - Replaced(count);
    std::fill(effects.begin() + static_cast<std::ptrdiff_t>(kept), effects.end(), effects[kept - 1]);
    const double mean = std::accumulate(effects.begin(), effects.end(), 0.0) / static_cast<double>(count);
    const double events = reference_records_ * static_cast<double>(count * kBlockSteps) * directions_[d].events;
    values_[d] =
        std::max(1.0, (events * std::max(1.0, mean * kUpper[count - 1]) + kConservativeEvents * kConservative) /
                          (events + kConservativeEvents));
  }
}

void DesignEffect::Merge(const DesignEffect& other) {
  if (directions_ != other.directions_) throw std::logic_error("design effect: different directions");
  for (std::size_t block = 0; block < other.blocks() && blocks() < kBlocks; ++block) {
    const auto from = other.blocks_.begin() + static_cast<std::ptrdiff_t>(block * directions());
    blocks_.insert(blocks_.end(), from, from + static_cast<std::ptrdiff_t>(directions()));
    block_sizes_.push_back(other.block_sizes_[block]);
  }
  // Of two open blocks the one that is nearer to complete goes on.
  if (other.open_steps_ > open_steps_) {
    open_steps_ = other.open_steps_;
    open_records_ = other.open_records_;
    open_first_ = other.open_first_;
    open_sum_ = other.open_sum_;
    open_square_ = other.open_square_;
  }
  Refresh();
}

double DesignEffect::Value(std::size_t direction, std::uint64_t records) const {
  const auto n = static_cast<double>(records);
  if (directions_[direction].variance == 0) return 1;
  if (blocks() == 0) return std::max(kConservative, 1 + n * kConservativeWobble * kConservativeWobble);
  return 1 + (values_[direction] - 1) * std::max(1.0, n / reference_records_);
}

double DesignEffect::Largest(std::uint64_t records) const {
  double largest = 1;
  for (std::size_t d = 0; d < directions(); ++d) largest = std::max(largest, Value(d, records));
  return largest;
}

void DesignEffect::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(directions());
  for (const Direction& direction : directions_) {
    out.Double(direction.variance);
    out.Double(direction.events);
  }
  out.Varint(blocks());
  for (const float effect : blocks_) out.Double(effect);
  for (const float size : block_sizes_) out.Double(size);
  out.Varint(open_steps_);
  out.Double(open_records_);
  for (const auto* sums : {&open_first_, &open_sum_, &open_square_})
    for (const double sum : *sums) out.Double(sum);
}

DesignEffect DesignEffect::Decode(Decoder& in) {
  in.Version(kVersion, "design effect");
  std::vector<Direction> directions(in.Count(kMaxDirections));
  for (Direction& direction : directions) {
    direction.variance = in.Double();
    direction.events = in.Double();
  }
  if (directions.empty() || !std::ranges::all_of(directions, Sound))
    throw DecodeError("design effect: a direction out of range");
  DesignEffect result(std::move(directions));
  const std::size_t blocks = in.Count(kBlocks);
  const auto read = [&in] {
    const double value = in.Double();
    if (!(value >= 0 && value <= 1e31)) throw DecodeError("design effect: a block out of range");
    return static_cast<float>(value);
  };
  for (std::size_t i = 0; i < blocks * result.directions(); ++i) result.blocks_.push_back(read());
  for (std::size_t i = 0; i < blocks; ++i) {
    result.block_sizes_.push_back(read());
    if (result.block_sizes_.back() == 0) throw DecodeError("design effect: a block without records");
  }
  const std::uint64_t open_steps = in.Varint();
  if (open_steps >= kBlockSteps) throw DecodeError("design effect: an open block that is too long");
  result.open_steps_ = static_cast<std::uint32_t>(open_steps);
  result.open_records_ = in.Double();
  for (auto* sums : {&result.open_first_, &result.open_sum_, &result.open_square_})
    for (double& sum : *sums) sum = in.Double();
  if (!Usable(result.open_records_) || (open_steps > 0 && result.open_records_ == 0))
    throw DecodeError("design effect: an open block without records");
  for (const auto* sums : {&result.open_first_, &result.open_sum_, &result.open_square_})
    if (!std::ranges::all_of(*sums, [](double sum) { return std::isfinite(sum); }))
      throw DecodeError("design effect: an open block that is not finite");
  result.Refresh();
  return result;
}

}  // namespace detectors
