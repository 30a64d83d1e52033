// Two baselines side by side. Pure functions.
//
// Their bins differ, so the second one's counts are carried over to the first one's cells by its distribution function,
// taken as linear within its fine bins: exact at common edges, else off by less than one fine bin (1/240 of the
// values). Categories are compared by name, exactly.
#pragma once

#include <string>
#include <vector>

#include "baselines/profile.h"
#include "detectors/distances/distance.h"

namespace baselines {

struct ColumnChange {
  std::string name;
  const ProfileColumn* before = nullptr;  // nullptr: only in the second
  const ProfileColumn* after = nullptr;   // nullptr: only in the first
  bool same_kind = false;
  detectors::Estimate psi = detectors::Estimate::None(detectors::NotComputable::kNoBaseline);
  double ks = 0;  // numeric only
  std::vector<std::string> new_names,
      lost_names;  // categories of the most frequent 1,024 of one that the other has not at all
};

// Features in the order of the first, then those that only the second has; then prediction, score and label.
std::vector<ColumnChange> CompareBaselines(const Profile& before, const Profile& after);

// "training data moved: amount (PSI 0.31), plan (PSI 0.12, new: gold) and 3 more", from a stability index of 0.1 on,
// largest first; or that it did not.
std::string MovedText(const Profile& before, const Profile& after);

}  // namespace baselines
