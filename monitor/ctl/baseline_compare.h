// Two baselines side by side. Pure functions.
//
// Their bins differ, so the second one's counts are carried over to the first one's cells by its distribution function,
// taken as linear within its fine bins: exact at common edges, else off by less than one fine bin (1/240 of the
// values). Categories are compared by name, exactly.
#pragma once

#include <string>
#include <vector>

#include "baselines/profile.h"
#include "detectors/distance.h"

namespace monitor {

struct ColumnChange {
  std::string name;
  const baselines::ProfileColumn* before = nullptr;  // nullptr: only in the second
  const baselines::ProfileColumn* after = nullptr;   // nullptr: only in the first
  bool same_kind = false;
  detectors::Estimate psi = detectors::Estimate::None(detectors::NotComputable::kNoBaseline);
  double ks = 0;  // numeric only
  std::vector<std::string> new_names,
      lost_names;  // categories of the most frequent 1,024 of one that the other has not at all
};

// Features in the order of the first, then those that only the second has; then prediction, score and label.
std::vector<ColumnChange> CompareBaselines(const baselines::Profile& before, const baselines::Profile& after);

}  // namespace monitor
