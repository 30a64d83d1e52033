// Seasons of the training rows: whether the hour of the week tells enough of a numeric column to be worth keeping.
//
// Seasons are learnt on every other week and judged on the weeks between (days instead of weeks where less than three
// weeks are known and seasons are the four parts of the week), so that noise never passes: what was learnt from it
// makes the other half worse. They are kept where the design effect of hours falls by a third or more in some
// direction. Cells are shrunk to the whole baseline by κ rows, of 3 to 1,000 those that help most on the other half.
// The residuals stay those of the other half, so the ladder made of them holds the seasons' own error. Pure functions.
#pragma once

#include <optional>

#include "baselines/build/step_ladders.h"
#include "baselines/profile.h"
#include "detectors/evidence/seasons.h"

namespace baselines {

struct FoundSeasons {
  detectors::Seasons cells;
  double effect_without, effect_with;  // design effect of hours, in the direction that gains most
  SlotScores residuals;                // of the rows against their seasons
};
// `scores` are the column's ValueScores. Nothing for names, for slots longer than an hour, for less than a week.
std::optional<FoundSeasons> FindSeasons(const TimeTable& table, std::size_t column, const SlotScores& scores);

// Ladders and seasons of a column, from its counts by time.
void TakeTimes(const TimeTable& table, std::size_t index, ProfileColumn& column);

}  // namespace baselines
