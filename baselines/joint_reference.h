// JointReference: how the numeric features of the training data moved together, which live correlations are compared
// with.
//
// The normal scores of each feature's bins and the second moments over all rows. Kept where there are 2 to kMost
// numeric features: the matrix of a pane takes 12 B per pair, 99 KB at most. A value type.
#pragma once

#include <cstdint>
#include <vector>

#include "detectors/evidence/normal_scores.h"
#include "detectors/evidence/second_moments.h"

namespace baselines {

struct JointReference {
  static constexpr std::size_t kMost = 128;

  std::vector<std::size_t> features;  // numeric ones, numbers in Profile::features
  std::vector<detectors::BinScores> scores;
  detectors::SecondMoments moments{0};

  void Encode(detectors::Encoder& out) const;
  static JointReference Decode(detectors::Decoder& in);  // throws detectors::DecodeError
};

}  // namespace baselines
