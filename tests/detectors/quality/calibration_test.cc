// Isotonic regression against scikit-learn; what calibration does to scores that are off and to scores that are not.
#include "detectors/quality/calibration.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "detectors/quality/isotonic.h"
#include "tests/detectors/quality/golden_quality.h"
#include "tests/detectors/quality/outcomes.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::kPositive;
using testing::Random;

TEST(IsotonicRegression, AgreesWithScikitLearn) {
  const auto cases = testing::GoldenQuality("isotonic");
  ASSERT_EQ(cases.size(), 6);
  for (const auto& golden : cases) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const std::vector<double> sums = golden.at("positives");
    const std::vector<double> weights = golden.at("counts");
    const auto blocks = IsotonicRegression(sums, weights);
    std::vector<double> rates;
    for (const IsotonicBlock& block : blocks) rates.insert(rates.end(), block.size, block.rate);
    for (std::size_t i = 1; i < blocks.size(); ++i) EXPECT_LT(blocks[i - 1].rate, blocks[i].rate);
    const std::vector<double> expected = golden.at("rates");
    ASSERT_EQ(rates.size(), expected.size());
    for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_NEAR(rates[i], expected[i], 1e-12) << i;
  }
  EXPECT_TRUE(IsotonicRegression({}, {}).empty());
}

double TrueRate(const testing::World& world, double score) {
  const double z = std::log(score / (1 - score));
  return 1 / (1 + std::exp(-world.slope * z - world.offset));
}

TEST(Calibration, CorrectsScoresThatAreOffAndLeavesOthersAlone) {
  const ScoreBins bins = ScoreBins::Make({});
  Random random(1);
  int used_on_calibrated = 0;
  for (int trial = 0; trial < 20; ++trial) {
    const testing::World off{.slope = 0.4, .offset = -0.5};
    const auto fixed = Calibration::Fit(testing::CountsOf(testing::DrawMany(20'000, off, bins, random)), bins);
    EXPECT_TRUE(fixed.isotonic());
    EXPECT_TRUE(std::ranges::is_sorted(fixed.rates()));
    for (const double score : {0.1, 0.3, 0.5, 0.7, 0.9})
      EXPECT_NEAR(fixed.rates()[bins.BinOf(score)], TrueRate(off, score), 0.06) << score;
    const auto fine = Calibration::Fit(testing::CountsOf(testing::DrawMany(20'000, {}, bins, random)), bins);
    used_on_calibrated += fine.isotonic() ? 1 : 0;
    if (fine.isotonic()) continue;
    for (const double score : {0.1, 0.3, 0.5, 0.7, 0.9})
      EXPECT_NEAR(fine.rates()[bins.BinOf(score)], score, 1.0 / 256) << score;
  }
  EXPECT_LE(used_on_calibrated, 10);
}

TEST(Calibration, CoversEveryBinWithBlocks) {
  const ScoreBins bins = ScoreBins::Make({});
  Random random(2);
  for (const std::size_t count : {1, 2, 10, 300, 5000}) {
    for (const double slope : {0.2, 1.0, -1.0}) {
      const auto reference = testing::CountsOf(testing::DrawMany(count, {.slope = slope}, bins, random));
      const Calibration calibration = Calibration::Fit(reference, bins);
      ASSERT_EQ(calibration.rates().size(), bins.size());
      std::size_t covered = 0;
      for (const auto& block : calibration.blocks()) {
        EXPECT_GE(block.records, 1);
        for (std::size_t i = 1; i < block.bins; ++i)
          EXPECT_EQ(calibration.rates()[covered + i], calibration.rates()[covered]);
        covered += block.bins;
      }
      EXPECT_EQ(covered, bins.size());
      for (const double rate : calibration.rates()) EXPECT_TRUE(rate >= 0 && rate <= 1);
      const std::string bytes = Bytes(calibration);
      Decoder in(bytes);
      const Calibration decoded = Calibration::Decode(in);
      EXPECT_TRUE(in.AtEnd());
      EXPECT_EQ(Bytes(decoded), bytes);
      EXPECT_TRUE(std::ranges::equal(decoded.rates(), calibration.rates()));
    }
  }
}

TEST(Calibration, IsInterpolatedWhereTheReferenceHasNothing) {
  const ScoreBins bins = ScoreBins::Make({});
  ClassificationCounts reference(kPositive);
  for (int i = 0; i < 3000; ++i) {
    // 10 % at 0.4, 50 % at 0.8: far from the scores, so that the regression is used.
    reference.Add({.bin = bins.BinOf(0.4F), .label = static_cast<std::uint16_t>(i % 10 == 0), .score = 0.4F});
    reference.Add({.bin = bins.BinOf(0.8F), .label = static_cast<std::uint16_t>(i % 2 == 0), .score = 0.8F});
  }
  const Calibration calibration = Calibration::Fit(reference, bins);
  ASSERT_TRUE(calibration.isotonic());
  EXPECT_NEAR(calibration.rates()[bins.BinOf(0.4)], 0.1, 1e-12);
  EXPECT_NEAR(calibration.rates()[bins.BinOf(0.6)], 0.3, 0.003);
  EXPECT_NEAR(calibration.rates()[bins.BinOf(0.7)], 0.4, 0.003);
  EXPECT_NEAR(calibration.rates().front(), 0.1, 1e-12);
  EXPECT_NEAR(calibration.rates().back(), 0.5, 1e-12);
}

TEST(Calibration, IsTheSameForTheSameReferenceInAnyOrder) {
  const ScoreBins bins = ScoreBins::Make({});
  Random random(3);
  auto outcomes = testing::DrawMany(3000, {.slope = 0.9}, bins, random);
  const std::string expected = Bytes(Calibration::Fit(testing::CountsOf(outcomes), bins));
  std::ranges::shuffle(outcomes, random);
  EXPECT_EQ(Bytes(Calibration::Fit(testing::CountsOf(outcomes), bins)), expected);
}

TEST(Calibration, IsEmptyWithoutLabelledScores) {
  const ScoreBins bins = ScoreBins::Make({});
  EXPECT_TRUE(Calibration::Fit(ClassificationCounts(kPositive), bins).empty());
  EXPECT_TRUE(Calibration::Fit(testing::CountsOf({{.bin = 3, .predicted = 1}, {.label = 1}}), bins).empty());
  const auto other_bins = testing::CountsOf({{.bin = 500, .label = 1, .score = 0.9F}});
  EXPECT_THROW(Calibration::Fit(other_bins, bins), std::invalid_argument);
}

}  // namespace
}  // namespace detectors
