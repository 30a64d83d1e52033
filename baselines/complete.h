// Complete: the parts that a baseline lacks because its training data had no predictions, scores or labels, taken from
// what live traffic showed of them.
//
// What the baseline has stays as it is, to the byte; what is taken says which traffic it was learnt from
// (ProfileColumn::learnt). Pure functions.
#pragma once

#include <map>
#include <string>

#include "baselines/profile.h"

namespace baselines {

// Marks predictions, scores and quality of a profile of live traffic as learnt from `traffic`, a text for people.
void MarkLearnt(Profile& profile, const std::string& traffic);

// `baseline` with those parts of `learnt` that it lacks and that are marked. Quality is taken where it was counted on
// the score bins of the completed baseline and for its task and positive class. The digest is another one where
// anything was taken; `completes` keeps the first.
Profile Complete(Profile baseline, const Profile& learnt);

// Digest of what the training data gave: the same before and after live traffic has completed it.
const std::string& BaseDigestOf(const Profile& baseline);

// What identifies the baseline of one of its columns: parts that join later do not make another one of those before. Of
// a column that was learnt, the traffic.
const std::string& DigestOf(const Profile& baseline, const ProfileColumn& column);

// What a column is compared with, for people: "training", "the traffic of … to …".
std::string ReferenceText(const ProfileColumn& column);

// What of a baseline is learnt: prediction, score, quality → the traffic.
std::map<std::string, std::string> LearntParts(const Profile& baseline);

}  // namespace baselines
