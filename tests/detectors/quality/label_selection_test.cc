#include "detectors/quality/label_selection.h"

#include <gtest/gtest.h>

#include "tests/detectors/quality/outcomes.h"

namespace detectors {
namespace {

using testing::kPositive;
using testing::Random;

// Labels only where `labelled` says so.
template <class Function>
ClassificationCounts Partly(std::size_t count, Random& random, Function labelled) {
  const ScoreBins bins = ScoreBins::Make({});
  auto outcomes = testing::DrawMany(count, {}, bins, random);
  for (Outcome& outcome : outcomes) {
    if (!labelled(outcome)) outcome.label = kNone;
  }
  return testing::CountsOf(outcomes);
}

TEST(AccuracyBounds, HoldForEveryFillingOfTheGaps) {
  Random random(1);
  for (int trial = 0; trial < 100; ++trial) {
    const std::size_t count = 20 + random() % 200;
    auto outcomes = testing::DrawMany(count, {}, ScoreBins::Make({}), random);
    std::uint64_t right = 0;
    std::uint64_t right_and_labelled = 0;
    std::uint64_t labelled = 0;
    for (Outcome& outcome : outcomes) {
      const bool is_right = outcome.label == outcome.predicted;
      right += is_right ? 1 : 0;
      if (random() % 2 == 0 && &outcome != &outcomes.front()) {
        outcome.label = kNone;
      } else {
        ++labelled;
        right_and_labelled += is_right ? 1 : 0;
      }
    }
    outcomes.push_back({.bin = 3, .score = 0.1F});  // without a predicted class it takes no part
    const Estimate bounds = AccuracyBounds(testing::CountsOf(outcomes));
    const auto n = static_cast<double>(count);
    const double share = static_cast<double>(labelled) / n;
    const double accuracy = static_cast<double>(right_and_labelled) / static_cast<double>(labelled);
    EXPECT_NEAR(bounds.value, accuracy, 1e-12);
    EXPECT_NEAR(bounds.low, share * accuracy, 1e-12);
    EXPECT_NEAR(bounds.high, share * accuracy + 1 - share, 1e-12);
    EXPECT_LE(bounds.low, static_cast<double>(right) / n);
    EXPECT_GE(bounds.high, static_cast<double>(right) / n);
  }
  EXPECT_EQ(AccuracyBounds(ClassificationCounts()).why, NotComputable::kNoPredictions);
  EXPECT_EQ(AccuracyBounds(testing::CountsOf({{.predicted = 1}})).why, NotComputable::kNoLabels);
}

TEST(CompareLabelled, AlarmsInFivePerCentOfFairSamples) {
  Random random(2);
  int alarms = 0;
  constexpr int kTrials = 2000;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto counts = Partly(800, random, [&](const Outcome&) { return random() % 3 == 0; });
    alarms += CompareLabelled(counts).p_value < 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(alarms / static_cast<double>(kTrials), 0.05, 0.015);  // 3 standard errors
}

TEST(CompareLabelled, FindsLabelsThatPreferAClass) {
  Random random(3);
  const auto counts = Partly(
      2000, random, [&](const Outcome& outcome) { return random() % 10 < (outcome.predicted == kPositive ? 8 : 4); });
  const LabelSelection selection = CompareLabelled(counts);
  ASSERT_EQ(selection.why, NotComputable::kComputed);
  EXPECT_LT(selection.p_value, 1e-10);
  EXPECT_GT(selection.cramers_v, 0.3);
  EXPECT_GT(selection.mean_score_labelled, selection.mean_score_unlabelled + 0.1);
  EXPECT_NEAR(std::abs(selection.share_labelled - selection.share_unlabelled), 8.0 / 12 - 2.0 / 8, 0.06);
}

TEST(CompareLabelled, WorksWithoutScoresAndWithoutClasses) {
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 100; ++i) {
    outcomes.push_back({.predicted = 1, .label = 1});
    outcomes.push_back({.predicted = static_cast<std::uint16_t>(i % 2)});
  }
  const LabelSelection classes = CompareLabelled(testing::CountsOf(outcomes));
  // 2 × 2 table 100, 0 / 50, 50: 200·(100·50)²/(100·100·150·50) = 66.67.
  EXPECT_NEAR(classes.chi_square, 200.0 * 5000 * 5000 / (100.0 * 100 * 150 * 50), 1e-9);
  EXPECT_EQ(classes.degrees, 1);
  EXPECT_TRUE(std::isnan(classes.mean_score_labelled));
  EXPECT_EQ(classes.predicted, 0);
  EXPECT_EQ(classes.share_labelled, 0);
  EXPECT_EQ(classes.share_unlabelled, 0.5);

  for (Outcome& outcome : outcomes) outcome.predicted = kNone;
  const LabelSelection nothing = CompareLabelled(testing::CountsOf(outcomes));
  EXPECT_EQ(nothing.predicted, kNone);
  EXPECT_EQ(nothing.p_value, 1);
}

TEST(CompareLabelled, NeedsBothSides) {
  EXPECT_EQ(CompareLabelled(testing::CountsOf({{.predicted = 1}})).why, NotComputable::kOneSide);
  EXPECT_EQ(CompareLabelled(testing::CountsOf({{.predicted = 1, .label = 0}})).why, NotComputable::kOneSide);
  EXPECT_TRUE(std::isnan(CompareLabelled(ClassificationCounts()).p_value));
}

}  // namespace
}  // namespace detectors
