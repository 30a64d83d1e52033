// NameChange: the shape of a change, from a column's baseline and its counts since the change began.
//
// A shape is named when the baseline's distribution, sent through it, lies close to the live one, and much closer than
// the baseline as it is: another unit (x → a·x + b of a list of units), the other sign, a limit that values are cut at,
// a category that took the share of a vanished one. Closeness is the Kolmogorov–Smirnov distance on the baseline's
// edges; of values outside of all edges mean and deviation must fit. What fits nothing is `moved` or `mix`. Pure
// functions, thread-safe; some 50 µs, called for what is alerted only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "alerts/change.h"
#include "baselines/profile.h"

namespace monitor {

// kind, name and clues only. `live`: over the shape of the baseline.
alerts::Change NameChange(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live);

// The part of the distribution that contributes most to the population stability index: "values above 0.12 up from 3 %
// to 11 %"; empty where there is nothing to compare.
std::string WhereChanged(const detectors::FeatureSummary& base, const detectors::FeatureSummary& live);

// A column that changed.
struct ChangedColumn {
  const baselines::ProfileColumn* base;
  const detectors::FeatureSummary* live;  // since the change began
};
// Pairs are looked at among as many columns only: where more changed at once, something else happened.
inline constexpr std::size_t kMostSwapSuspects = 100;
// Whether `a` looks like the baseline of `b`, `b` like that of `a`, and neither like its own.
bool Swapped(const ChangedColumn& a, const ChangedColumn& b);

}  // namespace monitor
