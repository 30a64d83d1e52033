#include "detectors/quality/reliability.h"

#include <gtest/gtest.h>

#include "tests/detectors/quality/outcomes.h"

namespace detectors {
namespace {

using testing::kPositive;
using testing::Random;

std::vector<ScoredBin> Sample(std::size_t count, const testing::World& world, Random& random) {
  static const ScoreBins bins = ScoreBins::Make({});
  return ScoredBins(testing::CountsOf(testing::DrawMany(count, world, bins, random)), kPositive);
}

TEST(Reliability, GroupsAreWholeBinsOfAboutEqualMass) {
  Random random(1);
  const auto bins = Sample(30'000, {}, random);
  const auto curve = ReliabilityCurve(bins);
  ASSERT_EQ(curve.size(), kReliabilityGroups);
  std::uint64_t all = 0;
  double positives = 0;
  double scores = 0;
  for (const ReliabilityPoint& point : curve) {
    EXPECT_NEAR(static_cast<double>(point.count), 2000, 300);
    EXPECT_LE(point.low, point.observed);
    EXPECT_GE(point.high, point.observed);
    all += point.count;
    positives += point.observed * static_cast<double>(point.count);
    scores += point.mean_score * static_cast<double>(point.count);
  }
  double expected_positives = 0;
  double expected_scores = 0;
  for (const ScoredBin& bin : bins) {
    expected_positives += bin.positives;
    expected_scores += bin.score_sum;
  }
  EXPECT_EQ(all, 30'000);
  EXPECT_NEAR(positives, expected_positives, 1e-6);
  EXPECT_NEAR(scores, expected_scores, 1e-6);
}

TEST(Reliability, OneBinIsOneGroup) {
  const std::vector<ScoredBin> bins = {{.bin = 4, .positives = 3, .negatives = 1, .score_sum = 2}};
  const auto curve = ReliabilityCurve(bins);
  ASSERT_EQ(curve.size(), 1);
  EXPECT_EQ(curve[0].observed, 0.75);
  EXPECT_EQ(curve[0].mean_score, 0.5);
  EXPECT_NEAR(RawCalibrationError(bins), 0.25, 1e-12);
  EXPECT_EQ(CalibrationError({}).why, NotComputable::kNoScore);
  EXPECT_TRUE(ReliabilityCurve({}).empty());
}

// The mean of both errors over 400 samples of 1,000 records.
TEST(CalibrationError, TakesOutTheNoiseAndKeepsTheGap) {
  Random random(2);
  constexpr int kTrials = 400;
  const auto means = [&](const testing::World& world) {
    double raw = 0;
    double value = 0;
    int low_above_0 = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      const auto bins = Sample(1000, world, random);
      const Estimate error = CalibrationError(bins);
      EXPECT_NEAR(error.value + error.bias, RawCalibrationError(bins), 1e-12);
      raw += RawCalibrationError(bins) / kTrials;
      value += error.value / kTrials;
      low_above_0 += error.low > 0 ? 1 : 0;
    }
    return std::tuple(raw, value, low_above_0);
  };
  const auto [calibrated_raw, calibrated, false_alarms] = means({});
  EXPECT_GT(calibrated_raw, 0.03);
  EXPECT_LT(calibrated, 0.4 * calibrated_raw);
  EXPECT_LE(false_alarms, kTrials / 20);

  const testing::World off{.slope = 0.3};  // scores much too extreme
  const double truth = RawCalibrationError(Sample(4'000'000, off, random));
  const auto [raw, value, detected] = means(off);
  EXPECT_GT(truth, 0.1);
  EXPECT_LT(std::abs(value - truth), std::abs(raw - truth));
  EXPECT_NEAR(value, truth, 0.008);
  EXPECT_EQ(detected, kTrials);
}

}  // namespace
}  // namespace detectors
