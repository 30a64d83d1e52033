// StepLadder: what the training data tell of the design effect φ of step means (design_effect.h), for any length of
// step.
//
// Where the rows have times, they are cut into blocks of 5 min, 15 min, 1 h, 6 h, 1 d and 7 d (the rungs; multiples
// since 1970, as the daemon's steps), and per rung and direction φ̂ = Σ n(mean − mean of all)²/(N − 1)/Var of a record
// is kept, with the number of blocks N and their mean size. Everything that makes rows of one block alike is in it:
// sessions, wobble, cycles, slow change.
//
// Value is that of the nearest rung at or above the step. φ does not fall with the length while what is near in time is
// alike, so the rung above is safe; interpolation would have to assume how φ grows in between. Where a step is longer
// than every rung, or has more records than the rung's blocks (a sample of the traffic was trained on), the part above
// 1 grows in proportion to the records: exact for a wobble and for a sample, too much for anything that dies out within
// the block. Estimates are raised to a 95 % upper bound of a variance of N − 1 degrees of freedom, that is by
// 1 + 1.645·√(2/N) for many blocks and by more for few; rates keep the weight of 100 events at φ = 20, as there.
// Evidence adds up over successive steps, so a benign deviation that lasts for a longer rung counts as well, as far as
// three of its standard deviations reach beyond the band of `min_effect` (else every weekend would be a drift).
//
// Immutable value type; thread-safe. Cost: Value about 20 ns.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "detectors/encoding.h"
#include "detectors/evidence/design_effect.h"

namespace detectors {

class StepLadder {
 public:
  static constexpr std::array<std::int64_t, 6> kSteps = {300, 900, 3'600, 21'600, 86'400, 604'800};  // seconds
  static constexpr std::uint32_t kLeastBlocks = 8;

  struct Rung {
    std::int64_t step_s = 0;
    std::uint32_t blocks = 0;    // that have records, at least kLeastBlocks
    double records = 0;          // of a block on average, above 0
    std::vector<float> effects;  // φ̂ of each direction
    bool operator==(const Rung&) const = default;
  };

  StepLadder() = default;                        // nothing is known
  explicit StepLadder(std::vector<Rung> rungs);  // rising; throws std::invalid_argument for anything that is not sound

  const std::vector<Rung>& rungs() const { return rungs_; }
  bool known() const { return !rungs_.empty(); }
  bool Covers(std::int64_t step_s) const { return known() && rungs_.back().step_s >= step_s; }

  struct Question {
    std::int64_t step_s;
    double records;         // of the step
    double events = 1;      // that one record brings, as DesignEffect::Direction
    double min_effect = 0;  // standard-deviation equivalents
  };
  double Value(std::size_t direction, const Question& question) const;  // at least 1; known() only
  // φ_b of the baseline as a whole, the largest of all directions: of the longest rung, in which cycles cancel.
  double OfBaseline() const;
  // The same of the rows of one season, which lie in steps of this length weeks apart.
  double OfSeason(std::int64_t step_s) const;

  void Encode(Encoder& out) const;
  static StepLadder Decode(Decoder& in);
  bool operator==(const StepLadder&) const = default;

 private:
  const Rung& RungFor(std::int64_t step_s) const;

  std::vector<Rung> rungs_;
};

// φ of a step by training and live traffic together; `direction` of `live` is `of_ladder` of the ladder. Until a block
// of live steps is complete, the smaller of what the ladder tells and of what is assumed of traffic that nothing is
// known of; then live alone: training of other seasons or of fewer rows an hour cannot tell what is usual today.
double StepEffect(const StepLadder& ladder, std::size_t of_ladder, StepLadder::Question question,
                  const DesignEffect& live, std::size_t direction);

}  // namespace detectors
