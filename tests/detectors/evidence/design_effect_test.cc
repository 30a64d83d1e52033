// DesignEffect: an upper bound for the true one, blind for drift, whole after storage and in any order of merging.
#include "detectors/evidence/design_effect.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "../samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

constexpr std::uint64_t kRecords = 1000;
const std::vector<DesignEffect::Direction> kUnit = {{.variance = 1}};

// Learns from `steps` step means with this design effect, moved by `level(step)` standard deviations of a record.
template <class Level>
DesignEffect Learn(Random& random, double effect, std::size_t steps, const Level& level) {
  std::normal_distribution<double> normal(0, std::sqrt(effect / kRecords));
  DesignEffect learnt(kUnit);
  for (std::size_t step = 0; step < steps; ++step) {
    const double mean = normal(random) + level(step);
    learnt.Add(kRecords, {&mean, 1});
  }
  return learnt;
}

double None(std::size_t) { return 0; }

// 1,000 runs: the standard error of 95 % is 0.7 %. The conservative value's small share only adds.
TEST(DesignEffect, IsAnUpperBoundIn95Percent) {
  Random random(1);
  for (const std::size_t blocks : {1U, 2U, 3U, 6U, 14U, 15U, 21U}) {
    int covered = 0;
    double sum = 0;
    for (int run = 0; run < 1000; ++run) {
      const double value = Learn(random, 5, blocks * DesignEffect::kBlockSteps, None).Value(0, kRecords);
      covered += value >= 5;
      sum += value;
    }
    EXPECT_NEAR(covered / 1000.0, 0.95, 0.022) << blocks << " blocks";
    if (blocks == 21) {
      EXPECT_LT(sum / 1000, 5 * 1.3);  // and not a wasteful one
    }
  }
}

TEST(DesignEffect, StartsConservativeAndEndsFrozen) {
  Random random(2);
  DesignEffect effect(kUnit);
  EXPECT_EQ(effect.state(), DesignEffect::State::kConservative);
  EXPECT_EQ(effect.Value(0, 100), 20);
  EXPECT_EQ(effect.Value(0, 10'000), 101);
  effect = Learn(random, 1, 8, None);
  EXPECT_EQ(effect.state(), DesignEffect::State::kLearning);
  EXPECT_EQ(effect.steps(), 8U);
  effect = Learn(random, 1, 168, None);
  EXPECT_EQ(effect.state(), DesignEffect::State::kFrozen);
  const std::string before = Bytes(effect);
  const double wild = 5;
  effect.Add(kRecords, {&wild, 1});
  effect.Add(0, {&wild, 1});
  EXPECT_EQ(Bytes(effect), before);
  EXPECT_EQ(effect.steps(), 168U);
}

// While 168 steps are learnt: a shift of half a standard deviation (its square is 250 times the variance of a step
// mean), the same as a slow drift, one broken step of 5 sd. The usual estimate, the variance of all steps, would be 60.
TEST(DesignEffect, DoesNotTakeDriftForNoise) {
  Random random(3);
  for (int run = 0; run < 20; ++run) {
    const auto value = [&](auto level) { return Learn(random, 1, 168, level).Value(0, kRecords); };
    EXPECT_LT(value([](std::size_t step) { return step < 83 ? 0 : 0.5; }), 2.2);
    EXPECT_LT(value([](std::size_t step) { return 0.5 * static_cast<double>(step) / 168; }), 2.2);
    EXPECT_LT(value([](std::size_t step) { return step == 40 || step == 90 ? 5 : 0; }), 2.2);
    EXPECT_LT(value([](std::size_t) { return 3; }), 2.2);  // there since the first record
  }
}

TEST(DesignEffect, GrowsWithStepsLargerThanThoseLearntFrom) {
  Random random(4);
  const DesignEffect effect = Learn(random, 6, 168, None);
  const double at_learnt = effect.Value(0, kRecords);
  EXPECT_NEAR(effect.Value(0, 100), at_learnt, 1e-12);
  EXPECT_NEAR(effect.Value(0, 10 * kRecords), 1 + 10 * (at_learnt - 1), 1e-9);
}

// Sixteen rare events among 8 steps say little: the value stays near the conservative one.
TEST(DesignEffect, StaysConservativeForRareEvents) {
  DesignEffect effect(std::vector<DesignEffect::Direction>{{.variance = 0.002, .events = 0.002}});
  for (int step = 0; step < 8; ++step) {
    const double mean = 0.002;
    effect.Add(kRecords, {&mean, 1});
  }
  EXPECT_GT(effect.Value(0, kRecords), 14);
}

TEST(DesignEffect, MergesInAnyOrderAndComesBackFromItsBytes) {
  Random random(5);
  const DesignEffect a = Learn(random, 3, 35, None);
  const DesignEffect b = Learn(random, 7, 50, None);
  DesignEffect ab = a;
  ab.Merge(b);
  DesignEffect ba = b;
  ba.Merge(a);
  EXPECT_EQ(ab.Value(0, kRecords), ba.Value(0, kRecords));
  EXPECT_EQ(ab.steps(), 4U * 8 + 6U * 8 + 3);
  const std::string bytes = Bytes(ab);
  Decoder in(bytes);
  EXPECT_EQ(DesignEffect::Decode(in), ab);
  EXPECT_TRUE(in.AtEnd());
  EXPECT_THROW(ab.Merge(DesignEffect(std::vector<DesignEffect::Direction>{{.variance = 2}})), std::logic_error);
  EXPECT_THROW(DesignEffect(std::vector<DesignEffect::Direction>()), std::invalid_argument);
}

// A category that a new version brings, and one that is away for a while: neither has a scatter of its own to go by.
TEST(DesignEffect, ADirectionThatComesLaterTakesTheLargestOfTheOthers) {
  Random random(5);
  std::normal_distribution<double> calm(0, std::sqrt(1.0 / kRecords)), wild(0, std::sqrt(9.0 / kRecords));
  DesignEffect learnt({{.variance = 1}, {.variance = 1}});
  const auto add = [&](double third, std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      std::vector<double> means{calm(random), wild(random), third};
      means.resize(learnt.directions());
      learnt.Add(kRecords, means);
    }
  };
  add(0, 20 * DesignEffect::kBlockSteps + 3);
  learnt.Grow({.variance = 1});
  EXPECT_DOUBLE_EQ(learnt.Value(2, kRecords), learnt.Value(1, kRecords));
  EXPECT_LT(learnt.Value(0, kRecords), learnt.Value(2, kRecords) / 3);
  add(0, 1);
  add(std::nan(""), DesignEffect::kBlockSteps - 4);
  ASSERT_EQ(learnt.state(), DesignEffect::State::kFrozen);
  EXPECT_DOUBLE_EQ(learnt.Value(2, kRecords), learnt.Value(1, kRecords));
}

}  // namespace
}  // namespace detectors
