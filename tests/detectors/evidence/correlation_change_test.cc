// SecondMoments, the change of correlations and the PCA residual: exact sums, fair e-values, power (STATISTICS 7).
#include "detectors/evidence/correlation_change.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "../samples.h"
#include "detectors/evidence/shiryaev_roberts.h"

namespace detectors {
namespace {

using testing::AddRows;
using testing::Bytes;
using testing::Random;

constexpr std::size_t kFeatures = 20;

// Independent standard normal features but for the first two, which have this correlation.
SecondMoments Draw(std::size_t rows, double correlation, Random& random, std::size_t features = kFeatures) {
  std::normal_distribution<double> normal;
  SecondMoments moments(features);
  std::vector<double> values(rows * features);
  for (double& value : values) value = normal(random);
  for (std::size_t i = 0; i < values.size(); i += features)
    values[i + 1] = correlation * values[i] + std::sqrt(1 - correlation * correlation) * values[i + 1];
  AddRows(moments, values);
  return moments;
}

TEST(SecondMoments, CorrelationAgreesWithThePlainOne) {
  Random random(1);
  std::normal_distribution<double> normal;
  SecondMoments moments(2);
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  constexpr int kRows = 2000;
  for (int i = 0; i < kRows; ++i) {
    const double a = normal(random);
    const double b = 0.7 * a + 0.3 * normal(random);
    AddRows(moments, std::vector<double>{a, b});
    x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
  }
  const double plain = (xy - x * y / kRows) / std::sqrt((xx - x * x / kRows) * (yy - y * y / kRows));
  EXPECT_NEAR(*moments.Correlation(1, 0), plain, 1e-4);  // values are kept to 2^-10
  EXPECT_EQ(moments.Correlation(0, 1), moments.Correlation(1, 0));
}

TEST(SecondMoments, AnySplitAndOrderGivesTheSameBytes) {
  Random random(2);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> rows(300, std::vector<double>(4));
  for (auto& row : rows)
    for (double& value : row) value = random() % 10 == 0 ? std::numeric_limits<double>::quiet_NaN() : normal(random);
  SecondMoments whole(4), a(4), b(4);
  for (const auto& row : rows) AddRows(whole, row);
  std::ranges::shuffle(rows, random);
  for (std::size_t i = 0; i < rows.size(); ++i) AddRows(i % 3 == 0 ? a : b, rows[i]);
  b.Merge(a);
  EXPECT_EQ(Bytes(b), Bytes(whole));
  const std::string bytes = Bytes(whole);
  Decoder in(bytes);
  EXPECT_EQ(Bytes(SecondMoments::Decode(in)), bytes);
  EXPECT_LT(whole.rows(0, 1), whole.rows(0, 0));
  EXPECT_THROW(b.Merge(SecondMoments(3)), std::logic_error);
}

TEST(SecondMoments, OutliersConstantsAndFewRowsAreNoCorrelation) {
  Random random(3);
  SecondMoments moments = Draw(1000, 0.6, random, 3);
  AddRows(moments, std::vector<double>{1e12, -1e12, std::numeric_limits<double>::infinity()});
  EXPECT_NEAR(*moments.Correlation(0, 1), 0.6, 0.08);
  EXPECT_FALSE(Draw(5, 0.6, random).Correlation(0, 1));
  SecondMoments constant(2);
  for (int i = 0; i < 100; ++i) AddRows(constant, std::vector<double>{0.5, static_cast<double>(i % 7)});
  EXPECT_FALSE(constant.Correlation(0, 1));
  EXPECT_TRUE(CorrelationPlan(constant, {}).pairs().empty());
}

// Mean and standard deviation of a statistic over the 300 reference windows, and the share of windows beyond 3 of them.
struct Chart {
  double sum = 0, square = 0;
  int alarms = 0;
  void Learn(double value) { sum += value, square += value * value; }
  void Judge(double value) {
    const double mean = sum / 300;
    alarms += std::abs(value - mean) > 3 * std::sqrt(square / 300 - mean * mean);
  }
};

// Design effects of independent records.
std::vector<double> Ones(const CorrelationPlan& plan) { return std::vector<double>(plan.pairs().size(), 1.0); }

// One pair's correlation falls from .6 to .3, marginals unchanged, 1,000 rows a window: the change of correlations is
// found at once where the PCA residual, judged in the same way (as NannyML does), finds four windows of five.
TEST(CorrelationChange, IsFoundAtTheFalseAlarmLevelOfPcaReconstruction) {
  Random random(4);
  const SecondMoments baseline = Draw(100'000, 0.6, random);
  const PcaResidual residual(baseline);
  const CorrelationPlan plan(baseline, {.min_effect = 0, .baseline_design_effect = 1});
  const std::vector<double> ones = Ones(plan);
  Chart pairs, pca;
  const auto largest = [&](const SecondMoments& window) {
    const auto change = plan.Largest(window, ones);
    return change->effect / change->standard_error;
  };
  for (int window = 0; window < 300; ++window) {
    const SecondMoments moments = Draw(1000, 0.6, random);
    pairs.Learn(largest(moments));
    pca.Learn(*residual.Of(moments));
  }
  Chart false_pairs = pairs;
  for (int window = 0; window < 300; ++window) {
    false_pairs.Judge(largest(Draw(1000, 0.6, random)));
    const SecondMoments moments = Draw(1000, 0.3, random);
    pairs.Judge(largest(moments));
    pca.Judge(*residual.Of(moments));
    const auto change = plan.Largest(moments, ones);
    EXPECT_EQ(change->first, 0U);
    EXPECT_EQ(change->second, 1U);
  }
  EXPECT_GE(pairs.alarms, 297);
  EXPECT_LE(false_pairs.alarms, 9);
  EXPECT_GT(pairs.alarms, pca.alarms);
}

// As the alarm layer judges them: a step's own e-value reaches the threshold of one false alarm in 370 steps, as often
// as a chart at 3 standard deviations gives one. Default band, and a baseline of unknown order.
TEST(CorrelationChange, OneStepIsEnoughForTheAlarmLayer) {
  Random random(14);
  const CorrelationPlan plan(Draw(100'000, 0.6, random), {});
  const std::vector<double> effects(plan.pairs().size(), 1.2);  // what a week of independent steps is estimated at most
  const auto alarms = [&](double correlation) {
    int count = 0;
    for (int window = 0; window < 300; ++window) {
      std::array<double, CorrelationPlan::kComponents> log_e{};
      plan.Accumulate(Draw(1000, correlation, random), effects, log_e);
      double e = 0;
      for (const double log : log_e) e += std::exp(log) / CorrelationPlan::kComponents;
      count += e >= 370 ? 1 : 0;
    }
    return count;
  };
  EXPECT_GE(alarms(0.3), 297);
  EXPECT_LE(alarms(0.6), 3);
}

// Fair at the end of the band, Monte Carlo: the mean of e over 4,000 steps, with its error; sizes whose e-values are
// too heavy-tailed to be averaged (g ≥ 4 has a variance of e¹⁶) are bounded by how often they exceed 20 (Markov).
TEST(CorrelationPlan, IsFairOnTheBoundaryAndFindsAChange) {
  Random random(5);
  const SecondMoments baseline = Draw(1'000'000, 0.6, random, 3);
  const CorrelationBand band{.min_effect = 0.1, .baseline_design_effect = 1};
  const CorrelationPlan plan(baseline, band);
  const std::vector<double> ones = Ones(plan);
  const double at_the_end = std::tanh(std::atanh(0.6) - 0.1);
  constexpr int kSteps = 4000;
  int exceeded = 0;
  double sum = 0, square = 0;
  for (int step = 0; step < kSteps; ++step) {
    std::array<double, CorrelationPlan::kComponents> log_e{};
    EXPECT_EQ(plan.Accumulate(Draw(300, at_the_end, random, 3), ones, log_e), 3U);
    const double e = std::exp(log_e[0]);
    sum += e;
    square += e * e;
    for (const double log : log_e) exceeded += log > std::log(20);
  }
  const double mean = sum / kSteps;
  EXPECT_LE(mean, 1 + 3 * std::sqrt((square / kSteps - mean * mean) / kSteps));
  EXPECT_LE(exceeded, static_cast<int>(CorrelationPlan::kComponents) * kSteps / 20);

  ShiryaevRoberts evidence(CorrelationPlan::kComponents);
  std::array<double, CorrelationPlan::kComponents> log_e{};
  const std::uint64_t compared = plan.Accumulate(Draw(1000, 0.3, random, 3), ones, log_e);
  EXPECT_TRUE(evidence.Update(1, compared, log_e, CorrelationPlan::weights(), 72'000).alarm);
  EXPECT_EQ(plan.Accumulate(SecondMoments(3), ones, log_e), 0U);
  const std::vector<double> resting(ones.size(), std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(plan.Accumulate(Draw(300, 0.3, random, 3), resting, log_e), 0U);
}

// In steps of few records the normal approximation of Fisher's z promises too much; the expectation that
// is divided by is the exact one.
TEST(CorrelationPlan, IsFairInSmallSteps) {
  Random random(7);
  const CorrelationPlan plan(Draw(1'000'000, 0, random, 2), {.min_effect = 0, .baseline_design_effect = 1});
  constexpr int kSteps = 20'000;
  std::array<int, CorrelationPlan::kComponents> exceeded{};
  double sum = 0, square = 0;
  for (int step = 0; step < kSteps; ++step) {
    std::array<double, CorrelationPlan::kComponents> log_e{};
    plan.Accumulate(Draw(20, 0, random, 2), Ones(plan), log_e);
    const double e = std::exp(log_e[0]);
    sum += e;
    square += e * e;
    for (std::size_t j = 0; j < exceeded.size(); ++j) exceeded[j] += log_e[j] > std::log(20) ? 1 : 0;
  }
  const double mean = sum / kSteps;
  EXPECT_LE(mean, 1 + 3 * std::sqrt((square / kSteps - mean * mean) / kSteps));
  for (const int times : exceeded) EXPECT_LE(times, kSteps / 20);
}

TEST(PcaResidual, HoldsWhatIsLeftOfTheVariance) {
  Random random(6);
  const SecondMoments moments = Draw(5000, 0.6, random);
  const PcaResidual residual(moments, 0.65);
  const double left = *residual.Of(moments);
  EXPECT_LE(left, 0.35);
  EXPECT_GT(left, 0.35 - 2.0 / kFeatures);  // a component fewer would hold less than 65 %
  EXPECT_NEAR(*PcaResidual(moments, 1).Of(moments), 0, 1e-9);
  EXPECT_FALSE(PcaResidual(SecondMoments(3)).Of(SecondMoments(3)));
}

}  // namespace
}  // namespace detectors
