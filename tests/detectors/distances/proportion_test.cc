// Intervals of proportions and chi-square tails against statsmodels, scipy and published values.
#include "detectors/distances/proportion.h"

#include <gtest/gtest.h>

#include <array>

#include "detectors/distances/chi_square.h"
#include "tests/detectors/quality/golden_quality.h"
#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Random;

TEST(Proportion, WilsonAgreesWithStatsmodels) {
  const auto cases = testing::GoldenQuality("proportions").at("wilson");
  ASSERT_EQ(cases.size(), 9);
  for (const auto& golden : cases) {
    const Estimate got = Proportion(golden.at("k"), golden.at("n"), NotComputable::kNoData);
    EXPECT_NEAR(got.low, golden.at("low"), 1e-12) << golden;
    EXPECT_NEAR(got.high, golden.at("high"), 1e-12) << golden;
  }
}

// Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
TEST(Proportion, WilsonAgreesWithNewcombesTable) {
  const auto expect = [](std::uint64_t k, std::uint64_t n, double low, double high) {
    const Estimate got = Proportion(k, n, NotComputable::kNoData);
    EXPECT_NEAR(got.low, low, 5e-5) << k << " of " << n;
    EXPECT_NEAR(got.high, high, 5e-5) << k << " of " << n;
  };
  expect(81, 263, 0.2553, 0.3662);
  expect(15, 148, 0.0624, 0.1605);
  expect(0, 20, 0.0000, 0.1611);
  expect(1, 29, 0.0061, 0.1718);
}

TEST(Proportion, DifferenceAgreesWithStatsmodels) {
  const auto cases = testing::GoldenQuality("proportions").at("newcombe");
  ASSERT_EQ(cases.size(), 7);
  for (const auto& golden : cases) {
    const Estimate got = ProportionDifference(golden.at("k1"), golden.at("n1"), golden.at("k2"), golden.at("n2"),
                                              NotComputable::kNoData);
    EXPECT_NEAR(got.low, golden.at("low"), 1e-12) << golden;
    EXPECT_NEAR(got.high, golden.at("high"), 1e-12) << golden;
  }
}

TEST(Proportion, OfNothingIsNotComputable) {
  EXPECT_EQ(Proportion(0, 0, NotComputable::kNoLabels).why, NotComputable::kNoLabels);
  EXPECT_EQ(ProportionDifference(1, 2, 0, 0, NotComputable::kNoLabels).why, NotComputable::kNoLabels);
}

// 95 % within the error of 20,000 trials and of the approximation.
TEST(Proportion, MeanCoversTheTruthInSimulation) {
  Random random(1);
  int covered = 0;
  constexpr int kTrials = 20'000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::array<Estimate, 3> parts;
    const std::array<std::pair<std::uint64_t, double>, 3> sides = {{{40, 0.9}, {400, 0.7}, {25, 0.5}}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::binomial_distribution<std::uint64_t> draw(sides[i].first, sides[i].second);
      parts[i] = Proportion(draw(random), sides[i].first, NotComputable::kNoData);
    }
    const Estimate mean = MeanOfProportions(parts);
    covered += mean.low <= 0.7 && 0.7 <= mean.high ? 1 : 0;
  }
  EXPECT_NEAR(covered / static_cast<double>(kTrials), 0.95, 0.01);
}

TEST(ChiSquare, TailAgreesWithScipy) {
  const auto cases = testing::GoldenQuality("proportions").at("chi_square");
  ASSERT_EQ(cases.size(), 25);
  for (const auto& golden : cases) {
    const double expected = golden.at("tail");
    EXPECT_NEAR(ChiSquareTail(golden.at("x"), golden.at("degrees")), expected, 1e-10 * expected) << golden;
  }
  EXPECT_EQ(ChiSquareTail(0, 3), 1);
  EXPECT_EQ(ChiSquareTail(HUGE_VAL, 3), 0);
}

}  // namespace
}  // namespace detectors
