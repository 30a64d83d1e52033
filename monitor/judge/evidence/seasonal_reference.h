// The reference of one step of a feature with daily or weekly cycles: what its own part of the week looks like.
//
// Where live traffic stands for training (live_reference.h), which knows no seasons since it covers whole weeks, each
// bin of the season is multiplied by how much more or less often that traffic has it than training: a cycle stays, a
// change that was accepted holds at every hour. Its rows are then as uncertain as both together, 1/n = 1/season +
// 1/live. Pure functions. Cost: a few µs.
#pragma once

#include <cstdint>

#include "detectors/evidence/seasons.h"
#include "detectors/feature_summary.h"

namespace monitor {

// The seasons of a baseline that a step falls into, and the step.
struct SeasonOfStep {
  const detectors::Seasons* seasons = nullptr;
  std::int64_t start_ns = 0, step_ns = 0;

  // A step of a day holds every hour; of weekdays alone a baseline of some weeks has too few.
  bool known() const;
  // Equal for steps with the same reference: seconds since Monday 00:00 UTC; kNone where no season is known.
  static constexpr std::int64_t kNone = -1;
  std::int64_t OfWeek() const;
};

// known() only. `live`: what stands for training, each row `scale` times, or nullptr.
detectors::FeatureSummary SeasonalReference(const detectors::FeatureSummary& baseline, const SeasonOfStep& season,
                                            const detectors::FeatureSummary* live, double scale);

}  // namespace monitor
