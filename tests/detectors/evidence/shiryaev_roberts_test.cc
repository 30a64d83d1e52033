// ShiryaevRoberts: the bound on false alarms by simulation, the recursion against a plain one, the estimate of the
// begin.
#include "detectors/evidence/shiryaev_roberts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "../samples.h"
#include "detectors/evidence/fast_exp.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

std::vector<float> Equal(std::size_t components) {
  return std::vector<float>(components, 1.0F / static_cast<float>(components));
}

TEST(FastExp, IsExactTo1e11) {
  for (double x = -700; x <= 700; x += 0.0617) EXPECT_NEAR(FastExp(x) / std::exp(x), 1, 1e-11) << x;
}

// e = exp(λx − λ²/2) of a standard normal x has mean exactly 1: no detector could be closer to the bound T/c.
// 4,000 runs of 1,000 steps at c = 400 expect at most 10,000 alarms; measured about 0.6 of it, because M overshoots c.
TEST(ShiryaevRoberts, KeepsItsBudgetAndUsesIt) {
  constexpr double kThreshold = 400;
  constexpr int kRuns = 4000;
  constexpr std::uint32_t kSteps = 1000;
  const std::vector<double> sizes = {0.1, -0.1, 0.3, -0.3, 1, -1};
  const std::vector<float> weights = Equal(sizes.size());
  Random random(1);
  std::normal_distribution<double> normal;
  double alarms = 0;
  double square = 0;
  for (int run = 0; run < kRuns; ++run) {
    ShiryaevRoberts state(sizes.size());
    double here = 0;
    for (std::uint32_t step = 0; step < kSteps; ++step) {
      const double x = normal(random);
      std::vector<double> log_e;
      for (const double size : sizes) log_e.push_back(size * x - size * size / 2);
      here += state.Update(step, 1, log_e, weights, kThreshold).alarm;
    }
    alarms += here;
    square += here * here;
  }
  const double mean = alarms / kRuns;
  const double error = std::sqrt((square / kRuns - mean * mean) / kRuns);
  EXPECT_LE(mean, kSteps / kThreshold + 3 * error);
  EXPECT_GE(mean, 0.3 * kSteps / kThreshold);
}

TEST(ShiryaevRoberts, FollowsTheRecursion) {
  Random random(2);
  std::normal_distribution<double> normal;
  const std::vector<float> weights = {0.25F, 0.75F};
  ShiryaevRoberts state(2);
  std::array<double, 2> mass{};
  for (std::uint32_t step = 0; step < 500; ++step) {
    const std::vector<double> log_e = {normal(random) - 0.4, normal(random) - 0.6};
    for (std::size_t j = 0; j < 2; ++j) mass[j] = (1 + mass[j]) * std::exp(log_e[j]);
    const double expected = (0.25 * mass[0] + 0.75 * mass[1]) / 1e6;
    EXPECT_NEAR(state.Update(step, 10, log_e, weights, 1e6).evidence, expected, 1e-5 * expected);
  }
  EXPECT_NEAR(state.Evidence(weights, 1e3), (0.25 * mass[0] + 0.75 * mass[1]) / 1e3, 1e-5 * mass[0]);
}

TEST(ShiryaevRoberts, StepWithoutRecordsChangesNothing) {
  ShiryaevRoberts state(1);
  state.Update(0, 5, std::vector<double>{1.0}, Equal(1), 100);
  const ShiryaevRoberts before = state;
  for (std::uint32_t step = 1; step < 10'000; ++step)
    EXPECT_FALSE(state.Update(step, 0, std::vector<double>{0.0}, Equal(1), 100).alarm);
  EXPECT_EQ(state, before);
}

TEST(ShiryaevRoberts, SurvivesAnyExponent) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  ShiryaevRoberts state(1);
  for (const double log_e : {-1e5, 1e5, 1e5, infinity, -infinity, nan, 1e308, -1e308, 0.0}) {
    const double evidence = state.Update(0, 1, std::vector<double>{log_e}, Equal(1), 1e300).evidence;
    EXPECT_TRUE(std::isfinite(evidence) && evidence >= 0) << log_e;
  }
  EXPECT_TRUE(state.Update(0, 1, std::vector<double>{1e5}, Equal(1), 1e12).alarm);
  EXPECT_EQ(state.Evidence(Equal(1), 1), 0);  // reset by the alarm
}

TEST(ShiryaevRoberts, TellsWhenTheChangeBeganAndHowManyStepsItTook) {
  ShiryaevRoberts state(2);
  std::uint32_t step = 0;
  EvidenceStep last;
  for (; step < 50; ++step) last = state.Update(step, 1, std::vector<double>{-0.5, -0.1}, Equal(2), 1000);
  EXPECT_FALSE(last.alarm);
  for (; !last.alarm; ++step)
    last = state.Update(step, step == 52 ? 0 : 1, std::vector<double>{2.0, 0.5}, Equal(2), 1000);
  EXPECT_EQ(last.component, 0U);
  EXPECT_EQ(last.began, 50U);
  EXPECT_EQ(last.steps, step - 50 - 1);  // one step was empty
  // After the reset a new run begins with the next step.
  EXPECT_EQ(state.Update(900, 1, std::vector<double>{2.0, 0.5}, Equal(2), 1000).began, 900U);
}

TEST(ShiryaevRoberts, ComesBackFromItsBytes) {
  Random random(3);
  std::normal_distribution<double> normal;
  ShiryaevRoberts state(144);
  for (std::uint32_t step = 100; step < 160; ++step) {
    std::vector<double> log_e(144);
    for (double& value : log_e) value = normal(random);
    state.Update(step, 1, log_e, Equal(144), 1e20);
  }
  const std::string bytes = Bytes(state);
  EXPECT_LE(bytes.size(), 144 * 11 + 3 + 9);
  Decoder in(bytes);
  EXPECT_EQ(ShiryaevRoberts::Decode(in), state);
  EXPECT_TRUE(in.AtEnd());
}

TEST(ShiryaevRoberts, RefusesWhatDoesNotFit) {
  ShiryaevRoberts state(2);
  EXPECT_THROW(state.Update(0, 1, std::vector<double>{1.0}, Equal(2), 10), std::invalid_argument);
  EXPECT_THROW(state.Update(0, 1, std::vector<double>{1.0, 1.0}, Equal(2), 0), std::invalid_argument);
  EXPECT_THROW(ShiryaevRoberts(ShiryaevRoberts::kMaxComponents + 1), std::invalid_argument);
}

// An adversary that moves all weight to the component whose evidence is largest before every step: without the rule for
// weights that grow, M would be the largest R_j at all times and there would be 20 components' alarms for the price of
// one. 200 runs of 1,000 steps at c = 400 may have 500 alarms; three standard errors of a Poisson count more are 567.
TEST(ShiryaevRoberts, MovingWeightsToWhereTheEvidenceIsWinsNothing) {
  constexpr double kThreshold = 400;
  constexpr std::size_t kComponents = 20;
  constexpr int kRuns = 200;
  Random random(3);
  std::normal_distribution<double> normal;
  int alarms = 0, unruled = 0;
  for (int run = 0; run < kRuns; ++run) {
    ShiryaevRoberts state(kComponents);
    std::vector<double> mass(kComponents);  // R without the rule
    for (std::uint32_t step = 0; step < 1000; ++step) {
      std::vector<float> weights(kComponents);
      weights[static_cast<std::size_t>(std::ranges::max_element(mass) - mass.begin())] = 1;
      std::vector<double> log_e;
      double evidence = 0;
      for (std::size_t j = 0; j < kComponents; ++j) {
        log_e.push_back(0.5 * normal(random) - 0.125);
        mass[j] = (1 + mass[j]) * std::exp(log_e.back());
        evidence += static_cast<double>(weights[j]) * mass[j];
      }
      if (evidence >= kThreshold) ++unruled, std::ranges::fill(mass, 0.0);
      if (state.Update(step, 1, log_e, weights, kThreshold).alarm) ++alarms;
    }
  }
  EXPECT_LE(alarms, 567);
  EXPECT_GT(unruled, 3 * 567) << "the adversary is one";
}

TEST(ShiryaevRoberts, GrowsWithoutLosingEvidenceOrGainingAny) {
  ShiryaevRoberts state(2);
  state.Update(1, 10, std::vector<double>{3, 0}, Equal(2), 1000);
  const double before = state.Evidence(Equal(2), 1000);
  state.Grow(3);
  EXPECT_EQ(state.components(), 3U);
  EXPECT_NEAR(state.Evidence(std::vector<float>{0.5F, 0.5F, 0}, 1000), before, 1e-12);
  // R = (e³, 1, 0) at weights ½; from thirds on all but the third are worth two thirds of it.
  state.Update(2, 10, std::vector<double>{0, 0, 0}, Equal(3), 1000);
  EXPECT_NEAR(state.Evidence(Equal(3), 1000), (std::exp(3) + 1 + 1 + 1 + 1) / 3 / 1000, 2e-3);
  EXPECT_THROW(state.Grow(2), std::invalid_argument);
  Encoder out;
  state.Encode(out);
  const std::string bytes = Bytes(state);
  Decoder in(bytes);
  EXPECT_EQ(ShiryaevRoberts::Decode(in), state);
}

}  // namespace
}  // namespace detectors
