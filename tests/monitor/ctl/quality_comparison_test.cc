// What monitorctl compare makes of cohorts.
#include "monitor/ctl/show/quality_comparison.h"

#include <gtest/gtest.h>

#include <cmath>

namespace monitor {
namespace {

using nlohmann::json;

json Cohort(const std::string& version, std::uint64_t labels, const json& values) {
  json metrics = json::object();
  for (const auto& [name, value] : values.items())
    metrics[name] = {{"value", value}, {"low", nullptr}, {"high", nullptr}};
  return {{"version", version}, {"variant", ""}, {"labels", labels}, {"metrics", metrics}};
}

TEST(QualityComparison, RegressionGoesByTheMeanAbsoluteError) {
  // Two cohorts of |e| = 1 and 3: mean 2 and mean square 5 over both.
  const json cohorts{Cohort("7", 1'000, {{"mae", 1.0}, {"rmse", 1.0}}),
                     Cohort("7", 1'000, {{"mae", 3.0}, {"rmse", 3.0}}),
                     Cohort("8", 2'000, {{"mae", 1.5}, {"rmse", std::sqrt(3.25)}}),
                     Cohort("9", 50, {{"mae", nullptr}, {"rmse", nullptr}})};
  const json better = CompareQuality(cohorts, "7", "8");
  EXPECT_EQ(better["verdict"], "better") << better;
  EXPECT_EQ(better["metric"], "mae");
  EXPECT_DOUBLE_EQ(better["first"], 2);
  EXPECT_DOUBLE_EQ(better["first_rmse"], std::sqrt(5));
  EXPECT_DOUBLE_EQ(better["second_rmse"], std::sqrt(3.25));
  EXPECT_EQ(CompareQuality(cohorts, "8", "7")["verdict"], "worse");
  EXPECT_EQ(CompareQuality(cohorts, "8", "9")["verdict"], "no_labels");
  EXPECT_EQ(
      QualityText(better, "7", "8"),
      "quality: 8 is better than 7: mean absolute error 1.5 (8, 2,000 labels, rmse 1.803) against 2 (7, 2,000 labels, "
      "rmse 2.236)");
}

TEST(QualityComparison, ClassificationGoesByAccuracyAndAFewLabelsSayNothing) {
  const json few{Cohort("1", 20, {{"accuracy", 1.0}}), Cohort("2", 20, {{"accuracy", 0.0}})};
  const json comparison = CompareQuality(few, "1", "2");
  EXPECT_EQ(comparison["verdict"], "not_yet_known") << "20 labels each have no variance to go by";
  EXPECT_TRUE(comparison["radius"].is_null());
  const json many{Cohort("1", 2'000, {{"accuracy", 0.7}}), Cohort("2", 2'000, {{"accuracy", 0.8}})};
  EXPECT_EQ(CompareQuality(many, "1", "2")["verdict"], "better");
  EXPECT_EQ(CompareQuality(many, "2", "1")["verdict"], "worse");
  EXPECT_EQ(CompareQuality(many, "1", "3")["verdict"], "no_labels");
  const json close{Cohort("1", 500, {{"accuracy", 0.80}}), Cohort("2", 500, {{"accuracy", 0.82}})};
  const std::string text = QualityText(CompareQuality(close, "1", "2"), "1", "2");
  EXPECT_NE(text.find("not yet known: accuracy 82 % (2, 500 labels) against 80 % (1, 500 labels); if the difference"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace monitor
