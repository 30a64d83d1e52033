#include "monitor/judge/evidence/volume_reference.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr std::int64_t kWeekNs = 7 * kDayNs;
constexpr double kWeeks = 5;              // that a mean remembers
constexpr double kPrior = 2;              // weeks that the mean of like hours counts for in an hour of the week
constexpr std::size_t kLeastBlocks = 2;   // complete ones
constexpr std::size_t kMostBlocks = 29;   // four weeks of days and the open one
constexpr double kLeastScatter = 0.0025;  // 0.05²: no traffic is steadier than that for good

std::size_t CellOf(std::int64_t start_ns) {
  constexpr std::int64_t kMondayHour = 4 * 24;  // 1970 began on a Thursday, four days before a Monday
  const std::int64_t hour = FloorTo(start_ns, kHourNs) / kHourNs - kMondayHour;
  return static_cast<std::size_t>(((hour % 168) + 168) % 168);
}

bool Weekend(std::size_t cell) { return cell >= 5 * 24; }

// One over the 5 % quantile of χ²_K/K: raises a variance estimate of K degrees of freedom to a 95 % upper bound.
double Upper(double freedom) {
  const double part = 2 / (9 * freedom);
  const double root = std::max(0.1, 1 - part - 1.645 * std::sqrt(part));
  return 1 / (root * root * root);
}

// Mean with the largest tenth replaced by the next smaller value.
double RobustMean(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t kept = values.size() - values.size() / 10;
  std::fill(values.begin() + static_cast<std::ptrdiff_t>(kept), values.end(), values[kept - 1]);
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

std::int64_t VolumeReference::BlockNs() const { return std::max(kDayNs, 2 * step_ns_); }

std::optional<VolumeReference::Cell> VolumeReference::MeanOf(std::int64_t start_ns) const {
  if (step_ns_ == 0 || start_ns - first_ns_ < kWeekNs) return std::nullopt;
  const std::size_t at = CellOf(start_ns);
  Cell like;
  for (std::size_t cell = at % 24; cell < kCells; cell += 24) {
    if (Weekend(cell) != Weekend(at)) continue;
    like.mean += cells_[cell].steps * cells_[cell].mean;
    like.steps += cells_[cell].steps;
  }
  if (like.steps == 0) return std::nullopt;
  like.mean /= like.steps;
  if (start_ns - first_ns_ < 3 * kWeekNs) return like;
  const float prior =
      static_cast<float>(kPrior * std::max(1.0, static_cast<double>(kHourNs) / static_cast<double>(step_ns_)));
  Cell own = cells_[at];
  own.mean = (own.steps * own.mean + prior * like.mean) / (own.steps + prior);
  own.steps += std::min(prior, like.steps);
  return own;
}

VolumeReference::Scatter VolumeReference::ScatterNow() const {
  std::vector<double> of_steps, of_blocks;
  double steps = 0;
  for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    of_steps.push_back(block.squares / block.expected_squares);
    const double off = block.sum - block.expected;
    of_blocks.push_back((off * off - block.expected) / block.expected_squares);
    steps += block.steps;
  }
  return {std::max(kLeastScatter, RobustMean(of_steps) * Upper(steps)),
          RobustMean(of_blocks) * Upper(static_cast<double>(of_blocks.size()))};
}

std::optional<VolumeReference::Expectation> VolumeReference::Expected(std::int64_t start_ns) const {
  const auto cell = MeanOf(start_ns);
  if (!cell || cell->mean <= 0 || blocks_.size() <= kLeastBlocks) return std::nullopt;
  const double mean = cell->mean;
  const Scatter scatter = ScatterNow();
  const double of_steps = 1 + mean * scatter.of_steps;
  return Expectation{{.mean = mean, .dispersion = of_steps, .steps = cell->steps},
                     std::max(1.0, (1 + mean * scatter.of_blocks) / of_steps)};
}

void VolumeReference::Learn(std::int64_t start_ns, std::int64_t step_ns, std::uint64_t records, bool changed) {
  if (step_ns != step_ns_) *this = {};
  if (step_ns_ == 0) {
    step_ns_ = step_ns;
    first_ns_ = start_ns;
  }
  const auto count = static_cast<double>(records);
  if (const auto mean = MeanOf(start_ns); mean && mean->mean > 0) {
    if (blocks_.empty() || start_ns - blocks_.back().start_ns >= BlockNs()) {
      if (!blocks_.empty() && blocks_.back().changed) blocks_.pop_back();
      blocks_.push_back({.start_ns = FloorTo(start_ns, BlockNs())});
      if (blocks_.size() > kMostBlocks) blocks_.pop_front();
    }
    Block& block = blocks_.back();
    const double expected = mean->mean;
    block.changed = block.changed || changed;
    ++block.steps;
    block.sum += count;
    block.expected += expected;
    block.squares += (count - expected) * (count - expected) - expected;
    block.expected_squares += expected * expected;
  }
  Cell& cell = cells_[CellOf(start_ns)];
  const double most = kWeeks * std::max(1.0, static_cast<double>(kHourNs) / static_cast<double>(step_ns));
  cell.steps = static_cast<float>(std::min(most, static_cast<double>(cell.steps) + 1));
  cell.mean += static_cast<float>((count - static_cast<double>(cell.mean)) / static_cast<double>(cell.steps));
}

void VolumeReference::Scale(double factor) {
  for (Cell& cell : cells_) cell.mean *= static_cast<float>(factor);
  // The open block compares steps with both expectations.
  if (!blocks_.empty()) blocks_.back().changed = true;
}

void VolumeReference::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  for (const std::int64_t ns : {step_ns_, first_ns_}) out.Signed(ns);
  for (const Cell& cell : cells_) {
    out.Double(cell.steps);
    if (cell.steps > 0) out.Double(cell.mean);
  }
  out.Varint(blocks_.size());
  for (const Block& block : blocks_) {
    out.Signed(block.start_ns);
    out.Byte(block.changed ? 1 : 0);
    for (const double value : {block.steps, block.sum, block.expected, block.squares, block.expected_squares})
      out.Double(value);
  }
}

VolumeReference VolumeReference::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "volume");
  VolumeReference reference;
  for (std::int64_t* ns : {&reference.step_ns_, &reference.first_ns_}) *ns = in.Signed();
  for (Cell& cell : reference.cells_) {
    cell.steps = static_cast<float>(in.Double());
    if (cell.steps > 0) cell.mean = static_cast<float>(in.Double());
  }
  for (std::size_t left = in.Count(kMostBlocks); left > 0; --left) {
    Block block;
    block.start_ns = in.Signed();
    block.changed = in.Byte() != 0;
    for (double* value : {&block.steps, &block.sum, &block.expected, &block.squares, &block.expected_squares})
      *value = in.Double();
    reference.blocks_.push_back(block);
  }
  return reference;
}

}  // namespace monitor
