#include "detectors/distances/confidence_sequence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
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

struct Sums {
  std::uint64_t count = 0;
  double sum = 0, squares = 0;
  void Add(double value) { ++count, sum += value, squares += value * value; }
  SampleMean Mean() const {
    const double n = static_cast<double>(count), mean = sum / n;
    return {count, mean, std::max(0.0, squares / n - mean * mean)};
  }
};

using Draw = std::function<double(std::mt19937&)>;
struct Losses {
  const char* name;
  Draw draw;
};
void PrintTo(const Losses& losses, std::ostream* out) { *out << losses.name; }

class EqualLosses : public testing::TestWithParam<Losses> {};

// Two models of the same losses, one of them with a tenth of the other's labels (a canary), looked at after every
// label: the share of runs in which a verdict is ever given is the share of wrong ones.
TEST_P(EqualLosses, AreCalledDifferentInOneOfTwentyRunsAtMostHoweverOftenOneLooks) {
  constexpr int kRuns = 200, kLabels = 1'500;
  std::mt19937 random(17);
  for (const int share : {1, 10}) {
    int wrong = 0;
    for (int run = 0; run < kRuns; ++run) {
      Sums first, second;
      bool decided = false;
      for (int n = 1; n <= kLabels && !decided; ++n) {
        first.Add(GetParam().draw(random));
        if (n % share == 0) second.Add(GetParam().draw(random));
        decided = second.count > 0 && CompareMeans(first.Mean(), second.Mean(), 0.05).decided();
      }
      wrong += decided ? 1 : 0;
    }
    EXPECT_LE(wrong, kRuns / 20) << "labels " << share << ":1";
  }
}

double Uniform(std::mt19937& random) { return std::uniform_real_distribution<double>()(random); }

INSTANTIATE_TEST_SUITE_P(
    Tails, EqualLosses,
    testing::Values(
        Losses{"AbsoluteNormal", [](std::mt19937& r) { return std::abs(std::normal_distribution<double>()(r)); }},
        Losses{"AbsoluteT3", [](std::mt19937& r) { return std::abs(std::student_t_distribution<double>(3)(r)); }},
        Losses{"OneOfAHundredIsHuge", [](std::mt19937& r) { return (Uniform(r) < 0.01 ? 100 : 1) * Uniform(r); }},
        Losses{"RightInNinetyNineOfAHundred", [](std::mt19937& r) { return Uniform(r) < 0.99 ? 1.0 : 0.0; }},
        // No variance: nothing is proved, this is what is measured.
        Losses{"Pareto", [](std::mt19937& r) { return std::pow(Uniform(r), -1 / 1.5); }},
        Losses{"AbsoluteCauchy", [](std::mt19937& r) { return std::abs(std::cauchy_distribution<double>()(r)); }}),
    [](const auto& tested) { return std::string(tested.param.name); });

// Absolute errors that are a quarter larger.
TEST(ConfidenceSequence, FindsARealDifferenceOfErrors) {
  constexpr int kRuns = 100;
  std::mt19937 random(23);
  std::normal_distribution<double> error;
  int right = 0;
  for (int run = 0; run < kRuns; ++run) {
    Sums first, second;
    for (int n = 0; n < 1'500; ++n) first.Add(std::abs(error(random))), second.Add(1.25 * std::abs(error(random)));
    const MeanComparison comparison = CompareMeans(first.Mean(), second.Mean(), 0.05);
    right += comparison.decided() && comparison.difference > 0 ? 1 : 0;
  }
  EXPECT_GE(right, 95);
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
  const auto missing = ValuesMissing({500, 0.80, 0.16}, {500, 0.83, 0.1411}, 0.05);
  EXPECT_NEAR(early.difference, 0.03, 1e-12);
  ASSERT_FALSE(early.decided());
  ASSERT_TRUE(missing);
  const auto enough = 500 + static_cast<std::uint64_t>(*missing / 2);
  EXPECT_FALSE(at(enough * 99 / 100).decided());
  EXPECT_TRUE(at(enough * 101 / 100).decided());
  EXPECT_FALSE(CompareMeans({0, 0, 0}, {10, 1, 0}, 0.05).decided());
  EXPECT_FALSE(CompareMeans({29, 0, 0}, {1'000, 1, 0}, 0.05).decided()) << "one that never varied yet";
  EXPECT_TRUE(CompareMeans({30, 0, 0}, {1'000, 1, 0}, 0.05).decided());
}

}  // namespace
}  // namespace detectors
