// Areas from score bins against the areas of the scores themselves.
#include "detectors/quality/ranking.h"

#include <gtest/gtest.h>

#include "tests/detectors/quality/golden_quality.h"
#include "tests/detectors/quality/outcomes.h"

namespace detectors {
namespace {

using testing::kPositive;
using testing::Random;

// By sorting: equal scores count ½.
double ExactAuc(std::vector<Outcome> outcomes) {
  std::ranges::sort(outcomes, {}, &Outcome::score);
  double below = 0;
  double positives = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < outcomes.size();) {
    double p = 0;
    double n = 0;
    const float score = outcomes[i].score;
    for (; i < outcomes.size() && outcomes[i].score == score; ++i) (outcomes[i].label == kPositive ? p : n) += 1;
    pairs += p * (below + n / 2);
    below += n;
    positives += p;
  }
  return pairs / (positives * below);
}

ScoreBins QuantileBins(std::vector<Outcome> outcomes) {
  std::ranges::sort(outcomes, {}, &Outcome::score);
  std::vector<double> quantiles;
  for (std::size_t i = 1; i < 248; ++i) quantiles.push_back(outcomes[i * outcomes.size() / 248].score);
  return ScoreBins::Make(quantiles);
}

TEST(RocAuc, IsWithinItsBoundAndWithin34MillionthsOfTheExactArea) {
  for (const testing::World world : {testing::World{}, testing::World{.slope = 3}, testing::World{.offset = -4},
                                     testing::World{.shift = 2, .slope = 2, .offset = -3}}) {
    Random random(1);
    std::vector<Outcome> outcomes = testing::DrawMany(200'000, world, ScoreBins::Make({}), random);
    // Frozen on other records than those that are judged.
    const ScoreBins bins = QuantileBins(testing::DrawMany(50'000, world, ScoreBins::Make({}), random));
    EXPECT_GT(bins.size(), 500);
    for (Outcome& outcome : outcomes) outcome.bin = bins.BinOf(outcome.score);
    const auto scored = ScoredBins(testing::CountsOf(outcomes), kPositive);
    const double error = std::abs(RocAuc(scored).value - ExactAuc(outcomes));
    std::printf("error %.2e, bound %.2e\n", error, RocAucBinError(scored));
    EXPECT_LE(error, 3.4e-5);
    EXPECT_LE(error, RocAucBinError(scored) + 1e-12);
    EXPECT_LE(RocAucBinError(scored), 0.003);
  }
}

TEST(RocAuc, IsWithinItsBoundWhereBinsAreCoarse) {
  Random random(2);
  for (int trial = 0; trial < 200; ++trial) {
    auto outcomes = testing::DrawMany(10 + random() % 300, {.slope = 2}, ScoreBins::Make({}), random);
    for (Outcome& outcome : outcomes) outcome.bin = static_cast<std::uint16_t>(outcome.bin / (10 + trial));
    const auto scored = ScoredBins(testing::CountsOf(outcomes), kPositive);
    const Estimate area = RocAuc(scored);
    if (!area.ok()) continue;
    EXPECT_LE(std::abs(area.value - ExactAuc(outcomes)), RocAucBinError(scored) + 1e-12);
  }
}

TEST(RocAuc, HasDeLongsStandardErrorOverThePairs) {
  int compared = 0;
  for (const auto& golden : testing::GoldenQuality("binary")) {
    const auto& variance = golden.value("auc_variance", nlohmann::json());
    if (variance.is_null() || variance.get<double>() == 0) continue;
    const ScoreBins bins = ScoreBins::Make({});
    ClassificationCounts counts(kPositive);
    for (std::size_t i = 0; i < golden.at("label").size(); ++i) {
      if (golden.at("label")[i].is_null() || golden.at("score")[i].is_null()) continue;
      const auto score = golden.at("score")[i].get<float>();
      counts.Add({.bin = bins.BinOf(score), .label = golden.at("label")[i].get<std::uint16_t>(), .score = score});
    }
    const Estimate area = RocAuc(ScoredBins(counts, kPositive));
    const double half = 1.959963984540054 * std::sqrt(variance.get<double>());
    EXPECT_NEAR(area.low, std::max(0.0, area.value - half), 1e-9) << golden.at("name");
    EXPECT_NEAR(area.high, std::min(1.0, area.value + half), 1e-9) << golden.at("name");
    ++compared;
  }
  EXPECT_GE(compared, 8);
}

// The true area from 4 million records, whose own standard error is 2.5e-4 / √20. 4,000 trials: ± 0.0034.
TEST(RocAuc, IntervalCoversTheTruthIn95PerCent) {
  const ScoreBins bins = ScoreBins::Make({});
  for (const testing::World world : {testing::World{.slope = 1.5, .offset = -1.8}, testing::World{.slope = 2}}) {
    Random random(3);
    const double truth =
        RocAuc(ScoredBins(testing::CountsOf(testing::DrawMany(4'000'000, world, bins, random)), kPositive)).value;
    int covered = 0;
    constexpr int kTrials = 4000;
    for (int trial = 0; trial < kTrials; ++trial) {
      const Estimate area =
          RocAuc(ScoredBins(testing::CountsOf(testing::DrawMany(600, world, bins, random)), kPositive));
      covered += area.low <= truth && truth <= area.high ? 1 : 0;
    }
    const double share = covered / static_cast<double>(kTrials);
    std::printf("coverage %.4f\n", share);
    EXPECT_GE(share, 0.93);
    EXPECT_LE(share, 0.97);
  }
}

TEST(RocAuc, IntervalDoesNotCollapseOnPerfectSeparation) {
  const std::vector<ScoredBin> bins = {{.bin = 1, .negatives = 30}, {.bin = 2, .positives = 20}};
  const Estimate area = RocAuc(bins);
  EXPECT_EQ(area.value, 1);
  EXPECT_EQ(area.high, 1);
  EXPECT_NEAR(area.low, 0.8389, 1e-4);  // Wilson, 20 of 20
  const std::vector<ScoredBin> single = {{.bin = 1, .negatives = 3}, {.bin = 2, .positives = 1}};
  EXPECT_NEAR(RocAuc(single).low, 0.2065, 1e-4);  // Wilson, 1 of 1
  EXPECT_EQ(AveragePrecision(single).value, 1);
  EXPECT_LT(AveragePrecision(single).low, 0.3);
}

}  // namespace
}  // namespace detectors
