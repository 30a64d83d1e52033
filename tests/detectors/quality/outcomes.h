// Outcomes for the tests of prediction quality.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "detectors/quality/classification_counts.h"
#include "detectors/quality/score_bins.h"
#include "tests/detectors/samples.h"

namespace detectors::testing {

inline constexpr std::uint16_t kNegative = 0;
inline constexpr std::uint16_t kPositive = 1;

inline ClassificationCounts CountsOf(const std::vector<Outcome>& outcomes, std::uint16_t positive = kPositive) {
  ClassificationCounts counts(positive);
  for (const Outcome& outcome : outcomes) counts.Add(outcome);
  return counts;
}

// A score z ~ N(shift, 1) through the logistic function; the label is drawn with probability
// logistic(slope·z + offset), so slope 1 and offset 0 is a calibrated model.
struct World {
  double shift = 0;
  double slope = 1;
  double offset = 0;
  double threshold = 0.5;
};
inline Outcome Draw(const World& world, const ScoreBins& bins, Random& random) {
  std::normal_distribution<double> normal(world.shift, 1);
  std::uniform_real_distribution<double> uniform(0, 1);
  const double z = normal(random);
  const auto score = static_cast<float>(1 / (1 + std::exp(-z)));
  const bool positive = uniform(random) < 1 / (1 + std::exp(-world.slope * z - world.offset));
  return {.bin = bins.BinOf(score),
          .predicted = score >= world.threshold ? kPositive : kNegative,
          .label = positive ? kPositive : kNegative,
          .score = score};
}
inline std::vector<Outcome> DrawMany(std::size_t count, const World& world, const ScoreBins& bins, Random& random) {
  std::vector<Outcome> outcomes(count);
  for (Outcome& outcome : outcomes) outcome = Draw(world, bins, random);
  return outcomes;
}

}  // namespace detectors::testing
