// Design effects of the training rows by time: table of slots → a ladder per column and quantity (step_ladder.h).
//
// Directions are those of the evidence plans: the three scores of numbers (numeric_plan.h), the share of each of the
// TimeTable::kNames most frequent categories and of all others together, the rate of missing values (type faults
// counted among them). Pure functions. Cost: 30 ns per slot, column and rung.
#pragma once

#include <vector>

#include "baselines/build/time_table.h"
#include "detectors/evidence/step_ladder.h"

namespace baselines {

// Per slot and direction the sum of the rows' scores, centred on all rows. Slots follow each other.
struct SlotScores {
  std::int64_t first_s = 0, slot_s = 0;  // begin of the first one and length, seconds
  std::size_t directions = 0;
  std::vector<double> variances = {};  // of a row, per direction; 0 where it never varies
  std::vector<double> records = {};    // per slot
  std::vector<double> sums = {};       // slot by slot
};
SlotScores ValueScores(const TimeTable& table, std::size_t column);
SlotScores MissingScores(const TimeTable& table, std::size_t column);

// Rungs of the slots' length and longer that have StepLadder::kLeastBlocks whole blocks with rows.
detectors::StepLadder LadderOf(const SlotScores& scores);

}  // namespace baselines
