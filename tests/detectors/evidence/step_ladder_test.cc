// What a ladder answers: the rung above, extrapolation, the upper bound, long deviations.
#include "detectors/evidence/step_ladder.h"

#include <gtest/gtest.h>

#include <cmath>

namespace detectors {
namespace {

using Rung = StepLadder::Rung;

constexpr double kMany = 1e6;  // records: the weight of the conservative value vanishes

StepLadder One(std::uint32_t blocks, float effect) { return StepLadder({Rung{3'600, blocks, kMany, {effect}}}); }

TEST(StepLadder, RaisesAnEstimateToTheUpperBoundOfItsDegreesOfFreedom) {
  // (N − 1)/scipy.stats.chi2.ppf(0.05, N − 1)
  const std::vector<std::pair<std::uint32_t, double>> expected = {
      {8, 3.2297}, {15, 2.1307}, {28, 1.6717}, {168, 1.2090}, {720, 1.0941}};
  for (const auto& [blocks, bound] : expected) {
    EXPECT_NEAR(One(blocks, 10).Value(0, {3'600, kMany}) / 10, bound, 0.01 * bound) << blocks;
    EXPECT_NEAR(One(blocks, 10).OfBaseline() / 10, bound, 0.01 * bound) << blocks;
  }
  EXPECT_NEAR(One(720, 10).Value(0, {3'600, kMany}) / 10, 1 + 1.645 * std::sqrt(2.0 / 720), 0.01);
}

TEST(StepLadder, AnswersWithTheRungAtOrAboveTheStep) {
  const StepLadder ladder({Rung{300, 1000, kMany, {2}}, Rung{3'600, 1000, kMany, {5}}, Rung{86'400, 1000, kMany, {7}}});
  const auto value = [&](std::int64_t step_s) { return ladder.Value(0, {step_s, 1, 1, 1000}); };
  EXPECT_EQ(value(60), value(300));
  EXPECT_LT(value(300), value(301));
  EXPECT_EQ(value(301), value(3'600));
  EXPECT_EQ(value(7'200), value(86'400));
  EXPECT_TRUE(ladder.Covers(86'400));
  EXPECT_FALSE(ladder.Covers(86'401));
  EXPECT_EQ(value(604'800), value(86'400));  // as many records as a day: nothing to extrapolate
}

TEST(StepLadder, GrowsInProportionToTheRecordsBeyondItsOwn) {
  const StepLadder ladder = One(1000, 3);
  const double at = ladder.Value(0, {3'600, kMany});
  EXPECT_EQ(ladder.Value(0, {3'600, kMany / 10}), at);
  EXPECT_DOUBLE_EQ(ladder.Value(0, {3'600, 5 * kMany}) - 1, 5 * (at - 1));
  EXPECT_DOUBLE_EQ(ladder.Value(0, {36'000, 10 * kMany}) - 1, 10 * (at - 1));
}

TEST(StepLadder, KeepsTheConservativeValueForRareEvents) {
  const StepLadder ladder({Rung{3'600, 100, 1'000, {1}}});
  EXPECT_GT(ladder.Value(0, {3'600, 1'000, 1e-5}), 18);  // one event seen
  EXPECT_LT(ladder.Value(0, {3'600, 1'000, 0.5}), 1.4);
}

// Days that differ by half a standard deviation, which hours alone hardly show: 24 hours in a row deviate alike.
TEST(StepLadder, ADeviationThatLastsForDaysCountsAsFarAsItLeavesTheBand) {
  const StepLadder ladder({Rung{3'600, 700, 100, {26}}, Rung{86'400, 30, 2'400, {601}}});
  EXPECT_NEAR(ladder.Value(0, {3'600, 100}), 601, 1);
  const double beyond = 1 - 0.3 / (3 * std::sqrt(601.0 / 2'400));
  EXPECT_NEAR(ladder.Value(0, {3'600, 100, 1, 0.3}), 601 * beyond * beyond, 1);
  EXPECT_NEAR(ladder.Value(0, {3'600, 100, 1, 3}), 28.4, 0.5);  // the band holds it: the hour's own
}

TEST(StepLadder, SurvivesItsBytesAndRefusesDamagedOnes) {
  const StepLadder ladder({Rung{300, 9, 12.5, {2, 1}}, Rung{3'600, 8, 150, {5, 0.5F}}});
  Encoder out;
  ladder.Encode(out);
  Decoder in(out.bytes());
  EXPECT_EQ(StepLadder::Decode(in), ladder);
  for (std::size_t cut = 0; cut < out.bytes().size(); ++cut) {
    Decoder damaged(std::string_view(out.bytes()).substr(0, cut));
    EXPECT_THROW(StepLadder::Decode(damaged), DecodeError) << cut;
  }
  EXPECT_THROW(StepLadder({Rung{300, 7, 1, {1}}}), std::invalid_argument);                           // too few blocks
  EXPECT_THROW(StepLadder({Rung{900, 9, 1, {1}}, Rung{300, 9, 1, {1}}}), std::invalid_argument);     // not rising
  EXPECT_THROW(StepLadder({Rung{300, 9, 1, {1}}, Rung{900, 9, 1, {1, 1}}}), std::invalid_argument);  // directions
  EXPECT_THROW(StepLadder({Rung{300, 9, 1, {std::nanf("")}}}), std::invalid_argument);
}

}  // namespace
}  // namespace detectors
