// DesignEffect: how much more the mean of a step varies than independent records would let it (φ of STATISTICS 3.2).
//
// Sessions, entities and benign wobble make records of one step alike; dividing log-evidence by φ pays for it. φ is
// learnt from the first live steps, one value per direction (a score or a rate); what the baseline's rows tell of it is
// step_ladder.h. It must be known before the step that it is used for: call Value, then Add.
//
// What it must not do is to take a real drift for noise. So it looks only at the scatter inside blocks of 8 successive
// steps: a level shift falls into one block, a slow drift hardly shows in any, and the largest blocks (1 of 3..14, 2 of
// 15..21) count as the next smaller one. The mean of the blocks is raised to a 95 % upper bound for the true φ of
// normal step means. Until the first block is complete a conservative value stands in: 20, which covers AR(1) records
// up to ρ = 0.9, or 1 + n/100, a wobble of 0.1 standard deviations from step to step, whichever is more. Rare events
// come in sessions of which few have been seen, and scatter tells little then: the value 20 keeps the weight of 100
// expected events. At least 1. After 21 blocks (168 steps, a week of hours) φ is frozen. Where a step is
// larger than those that φ was learnt from, the part above 1 grows in proportion, as it does when the step mean itself
// wobbles.
//
// A direction that is added later, or that was not there in every step of a block (its mean is NaN), takes the largest
// φ of that block.
//
// Merge is the union of blocks: independent of order while at most 21 come together. Not thread-safe. Cost: Add about
// 10 ns per direction.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/encoding.h"

namespace detectors {

class DesignEffect {
 public:
  static constexpr std::size_t kBlockSteps = 8;
  static constexpr std::size_t kBlocks = 21;
  static constexpr std::size_t kSteps = kBlockSteps * kBlocks;
  static constexpr std::size_t kMaxDirections = 64;
  static constexpr double kConservative = 20;
  static constexpr double kConservativeEvents = 100;  // the weight of the conservative value, in expected events

  enum class State : std::uint8_t { kConservative, kLearning, kFrozen };

  struct Direction {
    double variance;    // of one record under the baseline; with 0, φ is 1
    double events = 1;  // that one record brings: 1 for a score, the share for a rate, the mean for a count of records
    bool operator==(const Direction&) const = default;
  };
  explicit DesignEffect(std::vector<Direction> directions);

  // One direction more, of which no step has been seen yet. At most kMaxDirections.
  void Grow(const Direction& direction);
  // A step of `records` with the mean of each direction, NaN where it has none. Nothing without records or when frozen.
  void Add(std::uint64_t records, std::span<const double> means);
  // The steps of the block that is not complete were no usual ones: they are forgotten.
  void DropOpenBlock();
  void Merge(const DesignEffect& other);  // throws std::logic_error if the directions differ

  // φ for a step of `records` records.
  double Value(std::size_t direction, std::uint64_t records) const;
  double Largest(std::uint64_t records) const;  // over all directions

  std::size_t directions() const { return directions_.size(); }
  State state() const;
  std::size_t steps() const { return blocks() * kBlockSteps + open_steps_; }  // of kSteps

  void Encode(Encoder& out) const;
  static DesignEffect Decode(Decoder& in);
  bool operator==(const DesignEffect&) const = default;

 private:
  std::size_t blocks() const { return block_sizes_.size(); }
  void CloseBlock();
  void Refresh();  // values_ from blocks_

  std::vector<Direction> directions_;
  std::vector<float> blocks_;       // complete blocks, each one φ estimate per direction
  std::vector<float> block_sizes_;  // mean records per step of each complete block
  // The open block: weights are records, so means of unequal steps are comparable. Sums of (mean − first mean).
  std::uint32_t open_steps_ = 0;
  double open_records_ = 0;
  std::vector<double> open_first_, open_sum_, open_square_;  // open_square_ < 0: not there in every step
  std::vector<double> values_;                               // derived: φ per direction at the reference size
  double reference_records_ = 0;
};

}  // namespace detectors
