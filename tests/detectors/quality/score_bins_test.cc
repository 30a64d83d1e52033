#include "detectors/quality/score_bins.h"

#include <gtest/gtest.h>

#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

TEST(ScoreBins, BinOfIsTheBruteForceOne) {
  Random random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> quantiles(240);
  for (double& edge : quantiles) edge = uniform(random);
  for (const ScoreBins& bins : {ScoreBins::Make({}), ScoreBins::Make(quantiles)}) {
    std::vector<double> scores(bins.edges().begin(), bins.edges().end());
    for (int i = 0; i < 5000; ++i) scores.push_back(uniform(random));
    scores.insert(scores.end(), {-0.5, 1, 1.5});
    for (const double score : scores) {
      const auto below = std::ranges::count_if(bins.edges(), [&](double edge) { return edge < score; });
      ASSERT_EQ(bins.BinOf(score), below) << score;
    }
  }
}

TEST(ScoreBins, HaveUniformTailAndQuantileEdgesUpToTheLimit) {
  const ScoreBins plain = ScoreBins::Make({});
  EXPECT_EQ(plain.size(), 265);  // 255 inner edges, 0, eight near the ends
  for (const double edge : {0.0, 1e-6, 1e-3, 1.0 / 256, 0.5, 255.0 / 256, 1 - 1e-6})
    EXPECT_TRUE(std::ranges::binary_search(plain.edges(), edge)) << edge;
  const std::vector<double> few = {0.3, 0.3, 0.5, 0.123, 0, 1, -4, 7};
  EXPECT_EQ(ScoreBins::Make(few).size(), 267);
  EXPECT_TRUE(std::ranges::binary_search(ScoreBins::Make(few).edges(), 0.123));

  std::vector<double> many;
  for (int i = 0; i < 1000; ++i) many.push_back(0.3 + i * 1e-6);
  const ScoreBins full = ScoreBins::Make(many);
  EXPECT_EQ(full.size(), ScoreBins::kMaxBins);
  const auto inner = std::ranges::count_if(full.edges(), [](double edge) { return edge >= 0.3 && edge <= 0.301; });
  EXPECT_EQ(inner, 247 + 1);  // and 77/256
  const auto lower = std::ranges::count_if(full.edges(), [](double edge) { return edge >= 0.3 && edge <= 0.3005; });
  EXPECT_NEAR(static_cast<double>(lower), 124, 2) << "evenly spaced";
}

TEST(ScoreBins, GiveScoresOfTwoDecimalsABinEach) {
  const ScoreBins bins = ScoreBins::Make({});
  std::vector<std::uint16_t> seen;
  for (int i = 0; i <= 100; ++i) seen.push_back(bins.BinOf(static_cast<float>(i) / 100.0F));
  EXPECT_EQ(std::ranges::adjacent_find(seen, std::greater_equal<>()), seen.end());
}

TEST(ScoreBins, CentresLieInTheirBins) {
  const ScoreBins bins = ScoreBins::Make({});
  EXPECT_EQ(bins.Centre(0), 0);
  for (std::size_t bin = 0; bin < bins.size(); ++bin) EXPECT_EQ(bins.BinOf(bins.Centre(bin)), bin);
}

TEST(ScoreBins, SurviveEncoding) {
  const std::vector<double> quantiles = {0.1, 0.2, 0.77};
  const ScoreBins bins = ScoreBins::Make(quantiles);
  const std::string bytes = Bytes(bins);
  Decoder in(bytes);
  EXPECT_EQ(ScoreBins::Decode(in), bins);
  EXPECT_TRUE(in.AtEnd());
}

}  // namespace
}  // namespace detectors
