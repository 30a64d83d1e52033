#include "detectors/confidence_sequence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace detectors {
namespace {

// Two classifiers of the same accuracy, looked at after every label: at most one run in twenty may ever call one
// better.
TEST(ConfidenceSequence, HoldsAtAllSampleSizesAtOnce) {
  constexpr int kRuns = 400, kLabels = 2'000, kFirst = 30;
  std::mt19937 random(11);
  std::bernoulli_distribution right(0.8);
  int wrong = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::uint64_t hits[2] = {0, 0};
    bool decided = false;
    for (int n = 1; n <= kLabels && !decided; ++n) {
      SampleMean sample[2];
      for (int side = 0; side < 2; ++side) {
        hits[side] += right(random) ? 1 : 0;
        const double mean = static_cast<double>(hits[side]) / n;
        sample[side] = {static_cast<std::uint64_t>(n), mean, mean * (1 - mean)};
      }
      decided = n >= kFirst && CompareMeans(sample[0], sample[1], 0.05).decided();
    }
    wrong += decided ? 1 : 0;
  }
  EXPECT_LE(wrong, kRuns / 20);
}

TEST(ConfidenceSequence, IsWiderThanTheIntervalOfOneLookAndShrinks) {
  double before = ConfidenceSequenceRadius(0, 1, 0.05);
  EXPECT_TRUE(std::isinf(before));
  for (const std::uint64_t count : {10u, 100u, 1'000u, 10'000u, 1'000'000u}) {
    const double radius = ConfidenceSequenceRadius(count, 1, 0.05);
    EXPECT_LT(radius, before);
    EXPECT_GT(radius, 1.96 / std::sqrt(static_cast<double>(count)));
    before = radius;
  }
  // From the formula of the paper, in double precision by hand: rho² = 0.00793615 for alpha = 0.05.
  EXPECT_NEAR(ConfidenceSequenceRadius(1'000, 1, 0.05), 0.095982, 1e-6);
}

TEST(ConfidenceSequence, SaysHowManyLabelsAreMissing) {
  const auto at = [](std::uint64_t n) { return CompareMeans({n, 0.80, 0.16}, {n, 0.83, 0.1411}, 0.05); };
  const MeanComparison early = at(500);
  EXPECT_NEAR(early.difference, 0.03, 1e-12);
  ASSERT_FALSE(early.decided());
  ASSERT_TRUE(early.values_missing);
  const auto enough = 500 + static_cast<std::uint64_t>(*early.values_missing / 2);
  EXPECT_FALSE(at(enough * 99 / 100).decided());
  EXPECT_TRUE(at(enough * 101 / 100).decided());
  EXPECT_FALSE(CompareMeans({0, 0, 0}, {10, 1, 0}, 0.05).decided());
}

}  // namespace
}  // namespace detectors
