// DescribeChanges: for the columns whose distribution is alerted, how large the change is since it began, what it looks
// like and where it sits.
//
// The window that reports show still holds the time before; the size of a change is read off the steps since then.
// Pure, thread-safe.
#pragma once

#include <cstddef>
#include <map>

#include "alerts/change.h"
#include "detectors/distances/distance.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/judge/evidence/evidence_plan.h"

namespace monitor {

// Counts of one column: of the newest step, and since the change began (as far as the window reaches).
struct CountsSince {
  detectors::FeatureSummary newest, all;
};
using ColumnsSince = std::map<std::size_t, CountsSince>;  // by column of the frame

struct DescribedChange {
  alerts::Change change;
  detectors::Distances distances;  // of `all` to the baseline
  std::uint64_t values = 0;        // behind them
};
std::map<std::size_t, DescribedChange> DescribeChanges(const Frame& frame, const ColumnsSince& since);

// The same of an alerted rate of missing, wrongly typed, out-of-range or unseen values, whose effect over the window is
// known.
alerts::Change DescribeRate(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                            Quantity quantity, const detectors::Estimate& effect, std::uint32_t steps);

}  // namespace monitor
