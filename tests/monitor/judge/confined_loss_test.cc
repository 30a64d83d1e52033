// Whether a loss of quality is one segment's alone.
#include "monitor/judge/quality/confined_loss.h"

#include <gtest/gtest.h>

#include <random>

namespace monitor {
namespace {

class ConfinedLossTest : public testing::Test {
 protected:
  ConfinedLossTest() : reference(baselines::Profile{}) {
    facts.task = baselines::Task::kRegression;
    reference.metrics["rmse"] = {.value = 1, .low = 0.98, .high = 1.02};
  }
  // Normal errors of this deviation.
  CohortCounts Errors(double deviation, int count = 1'000) {
    std::normal_distribution<double> error(0, deviation);
    CohortCounts counts;
    for (int i = 0; i < count; ++i) {
      const double predicted = error(random);
      counts.numbers.AddPrediction(predicted);
      counts.numbers.AddLabel(predicted, 0);
    }
    return counts;
  }
  std::string Of(const std::map<std::string, CohortCounts>& by_segment) const {
    return ConfinedLoss(by_segment, facts, reference, false);
  }

  std::mt19937 random{3};
  QualityFacts facts;
  QualityReference reference;
};

TEST_F(ConfinedLossTest, NamesTheOneSegmentThatIsWorse) {
  const std::string said = Of({{"EWR", Errors(2)}, {"JFK", Errors(0.95)}, {"LGA", Errors(0.95)}});
  EXPECT_TRUE(said.starts_with(", confined to segment EWR: ")) << said;
  EXPECT_NE(said.find("), 0.9"), std::string::npos) << said;
  EXPECT_TRUE(Of({{"", Errors(2)}, {"JFK", Errors(0.95)}}).starts_with(", confined to records that name no segment: "));
}

TEST_F(ConfinedLossTest, SaysNothingWhereItIsNotKnownOrNotSo) {
  EXPECT_EQ(Of({{"EWR", Errors(2)}}), "") << "the only segment";
  EXPECT_EQ(Of({{"EWR", Errors(2)}, {"JFK", Errors(2)}, {"LGA", Errors(0.95, 100)}}), "") << "two of them";
  EXPECT_EQ(Of({{"EWR", Errors(2)}, {"JFK", Errors(1.2)}}), "") << "the other is worse than training too";
  EXPECT_EQ(Of({{"EWR", Errors(2)}, {"JFK", CohortCounts()}}), "") << "nothing is known of the other";
  EXPECT_EQ(Of({{"EWR", Errors(0.95)}, {"JFK", Errors(0.95)}}), "");
}

}  // namespace
}  // namespace monitor
