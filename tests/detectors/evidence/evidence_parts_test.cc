// The parts around the e-values: budget, weights, dead-band, category plan, expected delay, and wild input.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "../samples.h"
#include "detectors/evidence/alarm_budget.h"
#include "detectors/evidence/category_plan.h"
#include "detectors/evidence/dead_band.h"
#include "detectors/evidence/detection_delay.h"
#include "detectors/evidence/numeric_plan.h"
#include "detectors/evidence/shiryaev_roberts.h"
#include "tests/detectors/evidence/log_e.h"

namespace detectors {
namespace {

using testing::NormalBelow;
using testing::Random;

TEST(AlarmBudget, ThresholdOfOneFeatureAmongAHundred) {
  constexpr std::int64_t kHour = std::int64_t{3600} * 1'000'000'000;
  const AlarmBudget budget;  // 1 in 30 days
  EXPECT_DOUBLE_EQ(budget.Threshold(kHour, 0.01), 72'000);
  EXPECT_DOUBLE_EQ((AlarmBudget{.expected_false_alarms = 10}).Threshold(kHour, 0.1), 720);
  EXPECT_THROW(budget.Threshold(0, 0.1), std::invalid_argument);
  EXPECT_THROW(budget.Threshold(kHour, 0), std::invalid_argument);
  EXPECT_THROW((AlarmBudget{.expected_false_alarms = 0}).Threshold(kHour, 1), std::invalid_argument);
}

TEST(AlarmBudget, HalfOfTheWeightFollowsImportance) {
  const std::vector<double> weights = FeatureWeights(std::vector<double>{3, 1, 0, 0});
  EXPECT_DOUBLE_EQ(weights[0], 0.125 + 0.375);
  EXPECT_DOUBLE_EQ(weights[2], 0.125);
  EXPECT_DOUBLE_EQ(std::accumulate(weights.begin(), weights.end(), 0.0), 1);
  EXPECT_DOUBLE_EQ(FeatureWeights(std::vector<double>{0, 0})[1], 0.5);
  EXPECT_THROW(FeatureWeights(std::vector<double>{-1.0}), std::invalid_argument);
}

// E[P_k(2Φ(sX + δ) − 1)] by numerical integration, against the band that must hold it.
TEST(DeadBand, HoldsShiftAndScaleChangeOfEveryScore) {
  const auto mean_score = [](int degree, double shift, double scale) {
    double sum = 0;
    for (double x = -9; x < 9; x += 1e-3) {
      const double v = 2 * NormalBelow(scale * x + shift) - 1;
      const double score = degree == 1 ? v : degree == 2 ? (3 * v * v - 1) / 2 : (5 * v * v * v - 3 * v) / 2;
      sum += score * std::exp(-x * x / 2) / std::sqrt(2 * M_PI) * 1e-3;
    }
    return sum;
  };
  for (const double effect : {0.05, 0.1, 0.3, 1.0}) {
    const DeadBand band{.min_effect = effect};
    const double scale = 1 + effect / M_SQRT2;
    for (int degree = 1; degree <= 3; ++degree) {
      const double tau = band.OfScore(degree, 1e12);
      EXPECT_LE(std::abs(mean_score(degree, effect, 1)), tau + 1e-9);
      EXPECT_LE(std::abs(mean_score(degree, 0, scale)), tau + 1e-9);
      EXPECT_LE(std::abs(mean_score(degree, 0, 1 / scale)), tau + 1e-9);
    }
    EXPECT_GT(mean_score(1, 1.1 * effect, 1), 0.99 * band.OfScore(1, 1e12));
  }
}

TEST(DeadBand, HoldsTheBaselinesOwnError) {
  const DeadBand band{.min_effect = 0, .baseline_design_effect = 4};
  EXPECT_NEAR(band.OfScore(1, 10'000), 4.0 * 2 / std::sqrt(3.0 * 10'000), 1e-12);
  EXPECT_NEAR(band.OfEdge(0.1, 10'000), 4.0 * 2 * 0.3 / 100, 1e-12);
  const DeadBand::Shares never = band.OfRate(0, 10'000);
  EXPECT_EQ(never.low, 0);
  EXPECT_NEAR(never.high, 16.0 / (2500 + 16), 1e-9);
  const DeadBand::Shares half = band.OfRate(5000, 10'000);
  EXPECT_NEAR(half.high - 0.5, 4.0 * 2 * 0.5 / 100, 1e-3);
  EXPECT_NEAR(half.high + half.low, 1, 1e-12);
  // The indicator's own standard deviation times min_effect.
  EXPECT_NEAR((DeadBand{.min_effect = 0.1}).OfRate(2e10, 1e12).high, 0.02 + 0.1 * std::sqrt(0.02 * 0.98), 1e-5);
}

TEST(DetectionDelay, FollowsTheFirstOrderLaw) {
  const DelayInput input{.effect = 0.25,
                         .band = 0.1,
                         .records_per_step = 1000,
                         .design_effect = 1.2,
                         .threshold = 72'000,
                         .components = 100};
  EXPECT_NEAR(DetectionDelay(input), (std::log(72'000) + std::log(100)) / (0.955 * 0.15 * 0.15 / 2 * 1000 / 1.2), 1e-9);
  DelayInput inside = input;
  inside.effect = 0.1;
  EXPECT_TRUE(std::isinf(DetectionDelay(inside)));
  DelayInput large = input;
  large.effect = 5;
  EXPECT_EQ(DetectionDelay(large), 1);
}

TEST(CategoryPlan, WatchesLargeCategoriesAndTheRestAsSharesOfAllValues) {
  CategoryCounts reference(30);
  std::vector<CategoryId> ids;
  for (CategoryId id = 0; id < 30; ++id) ids.insert(ids.end(), id == 0 ? 5000 : id < 25 ? 200 : 10, id);
  reference.Add(ids, {});
  const CategoryPlan plan(reference, {});
  ASSERT_EQ(plan.rates().rates(), CategoryPlan::kMaxLarge + 1);
  EXPECT_EQ(plan.CategoryOf(1), 0U);
  EXPECT_EQ(plan.CategoryOf(0), CategoryPlan::kNoCategory);

  CategoryCounts step(30);
  step.Add(std::vector<CategoryId>{0, 0, 1, 24, 29, CategoryDictionary::kOther, CategoryDictionary::kUnseen},
           std::vector<std::string_view>{"new"});
  const std::vector<Tally> tallies = plan.Tallies(step);
  EXPECT_EQ(tallies[1].events, 2U);
  EXPECT_EQ(tallies[2].events, 1U);
  EXPECT_EQ(tallies[0].events, 3U);  // 24, 29 and another name
  for (const Tally& tally : tallies) EXPECT_EQ(tally.records, 7U);

  const CategoryPlan chosen({29, CategoryDictionary::kNoValue, 0}, reference, {});
  ASSERT_EQ(chosen.rates().rates(), 4U);
  EXPECT_EQ(chosen.Tallies(step)[2].records, 0U) << "a category that this reference does not know";
  EXPECT_EQ(chosen.rates().weights()[2 * RatePlan::kPerRate], 0.0F);
  EXPECT_EQ(chosen.Tallies(step)[1].events, 1U);
  EXPECT_EQ(chosen.Tallies(step)[0].events, 3U);  // 1, 24 and another name
}

// Through the real summary: an outlier of 1e12 in the baseline or in the step neither hides a shift of one standard
// deviation nor makes an alarm by itself.
TEST(Evidence, OutliersNeitherHideNorAlarm) {
  constexpr double kThreshold = 72'000;
  Random random(1);
  for (const bool in_baseline : {true, false}) {
    std::vector<double> rows = testing::Normal(10'000, random);
    if (in_baseline) rows[17] = 1e12;
    const auto shape = testing::ShapeOf(rows);
    const NumericPlan plan(testing::Summarise(shape, rows).bins(), {});
    for (const double shift : {0.0, 1.0}) {
      ShiryaevRoberts evidence(NumericPlan::kComponents);
      bool alarm = false;
      for (std::uint32_t step = 0; step < 100; ++step) {
        std::vector<double> values = testing::Normal(500, random, shift);
        if (!in_baseline) values[3] = 1e12;
        const FeatureSummary summary = testing::Summarise(shape, values);
        std::vector<double> log_e(NumericPlan::kComponents);
        const std::uint64_t records =
            plan.Accumulate(summary.bins(), std::array<double, NumericPlan::kScores>{20, 20, 20}, log_e);
        alarm = alarm || evidence.Update(step, records, log_e, plan.weights(), kThreshold).alarm;
      }
      EXPECT_EQ(alarm, shift > 0) << "outlier in the " << (in_baseline ? "baseline" : "step");
    }
  }
}

}  // namespace
}  // namespace detectors
