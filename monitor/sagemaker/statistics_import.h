// Baselines of SageMaker Model Monitor → profiles: statistics.json, and what constraints.json says of the same
// features.
//
// Numbers: from the KLL sketch (items of level i stand for 2^i values; Deequ's QuantileNonSample), so quantiles and
// counts per bin are within its rank error (about 0.1 % at k = 2,048); without a sketch from the ten buckets, evenly
// within each. Texts: from the counts per value; values that the file does not list count as unseen names. What the
// files cannot give is absent, and said: predictions, scores, labels, quality, correlations, what matters to the model.
// A feature without a distribution is ignored, and says so. Pure. Throws baselines::ProfileError: another layout.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "baselines/profile.h"

namespace monitor {

struct SageMakerImport {
  std::string model;
  std::string version = "1";
  std::string created;              // RFC 3339
  std::string source;               // name of the statistics file
  std::vector<std::string> ignore;  // features that are not watched, such as the label
};

baselines::Profile ProfileOfStatistics(std::string_view statistics, std::string_view constraints,
                                       const SageMakerImport& options);

// The thresholds of constraints.json as a `rules:` list of monitord's configuration; what has no counterpart is said in
// comments. Only of features that `profile` has.
std::string RulesOfConstraints(std::string_view constraints, const baselines::Profile& profile);

}  // namespace monitor
