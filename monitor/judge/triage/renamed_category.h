// What became of categories: renamed, new, swapped with another feature's, or in other shares. Pure functions,
// thread-safe.
#pragma once

#include "alerts/change.h"
#include "monitor/judge/triage/change_shape.h"

namespace monitor {

// kind, name and clues. A category counts as renamed when it held at least 1 % of training, has lost at least four
// fifths of that, and one unseen name holds between half and twice of it; or when unseen names are known ones but for
// case, blanks and punctuation.
alerts::Change NameOfCategories(const detectors::FeatureSummary& base, const detectors::FeatureSummary& live);

// As Swapped, of two categorical columns: by their names.
bool SwappedCategories(const ChangedColumn& a, const ChangedColumn& b);

}  // namespace monitor
