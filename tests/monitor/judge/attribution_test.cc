// Attribution from file to answer: a relevant feature's small shift ranks above an irrelevant one's large shift in the
// JSON and the text of `drift`, and what the model does not use is no more than `info` (STATISTICS 9).
#include "monitor/judge/triage/attribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <fstream>
#include <random>

#include "monitor/ctl/drift.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

// Rows of score = logistic(−0.5 + 2·relevant), without any part of `irrelevant`.
std::filesystem::path Write(const std::string& name, std::size_t rows, double relevant, double irrelevant,
                            std::uint64_t seed) {
  const auto file = tests::Temporary(name);
  std::mt19937_64 random(seed);
  std::normal_distribution<> normal;
  std::ofstream out(file);
  out << "relevant,irrelevant,score,prediction,label\n";
  for (std::size_t i = 0; i < rows; ++i) {
    const double x = normal(random) + relevant, score = 1 / (1 + std::exp(0.5 - 2 * x));
    const bool label = std::bernoulli_distribution(score)(random);
    out << x << "," << normal(random) + irrelevant << "," << score << "," << (score > 0.5 ? "yes" : "no") << ","
        << (label ? "yes" : "no") << "\n";
  }
  return file;
}

class AttributionTest : public ::testing::Test {
 protected:
  baselines::Profile baseline = baselines::BuildProfile(Write("training.csv", 20'000, 0, 0, 1), {});
};

TEST_F(AttributionTest, DriftRanksByWhatMovesTheScore) {
  const auto file = baselines::CountCsv(baselines::TextFile(Write("live.csv", 20'000, 0.3, 1, 2)), baseline);
  const DriftReport report = JudgeFile(baseline, file);
  const auto json = DriftJson(baseline, report);
  const auto& relevant = json["features"][0];
  const auto& irrelevant = json["features"][1];
  EXPECT_GT(irrelevant["psi"].get<double>(), 0.8);
  EXPECT_LT(relevant["psi"].get<double>(), 0.12);
  EXPECT_EQ(relevant["attribution"]["outcome"], "score");
  EXPECT_NEAR(relevant["attribution"]["effect"].get<double>(), 0.08, 0.015);
  EXPECT_NEAR(irrelevant["attribution"]["effect"].get<double>(), 0, 0.01);
  EXPECT_TRUE(report.columns[1].attribution->negligible());
  EXPECT_FALSE(report.columns[0].attribution->negligible());
  // The mean score itself has moved by what is attributed to the feature that it follows.
  const double moved = file.score->moments().mean() - baseline.score->summary.moments().mean();
  EXPECT_NEAR(relevant["attribution"]["effect"].get<double>(), moved, 0.1 * moved);
  // Near the decision boundary the model errs most: fewer rows lie there now.
  EXPECT_FALSE(relevant["attribution"]["error"].is_null());
  EXPECT_LT(std::abs(irrelevant["attribution"]["error"].get<double>()), 0.01);
  EXPECT_NE(DriftText(baseline, report).find("moves score"), std::string::npos);
}

TEST_F(AttributionTest, WithoutScoresOrInAnOldBaselineThereIsNone) {
  baseline.outcome.reset();
  const auto old = baselines::CountCsv(baselines::TextFile(Write("old.csv", 1000, 1, 1, 3)), baseline);
  const auto json = DriftJson(baseline, JudgeFile(baseline, old));
  EXPECT_TRUE(json["features"][0]["attribution"].is_null());
}

TEST_F(AttributionTest, AnAlertAboutWhatTheModelDoesNotUseIsInfo) {
  ModelConfig model;
  model.name = "m";
  model.version = "1";
  model.requests.topic = "requests";
  model.step = model.window = std::chrono::hours(1);
  Pipeline pipeline(model, std::make_shared<const baselines::Profile>(baseline));
  auto counter = pipeline.Counter({"requests", 0});
  std::mt19937_64 random(4);
  std::normal_distribution<> normal;
  std::int64_t offset = 0;
  for (std::int64_t hour = 0; hour < 26; ++hour) {
    const double shift = hour < 20 ? 0 : 1;
    std::deque<std::string> lines;
    for (int i = 0; i < 300; ++i) {
      const double x = normal(random) + 0.6 * shift;
      lines.push_back("{\"timestamp\":" + std::to_string((400'000 + hour) * 3600 + 12 * i) +
                      ",\"features\":{\"relevant\":" + std::to_string(x) +
                      ",\"irrelevant\":" + std::to_string(normal(random) + shift) +
                      "},\"score\":" + std::to_string(1 / (1 + std::exp(0.5 - 2 * x))) + "}");
      counter->Add({lines.back(), offset++, std::nullopt});
    }
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
    pipeline.judge->Checkpoint();
  }
  std::map<std::string, nlohmann::json> alerts;
  for (const auto& alert : pipeline.Alerts()) alerts[alert["monitor"]] = alert;
  ASSERT_TRUE(alerts.contains("distribution:relevant") && alerts.contains("distribution:irrelevant"))
      << pipeline.Alerts() << pipeline.Windows("m").back();
  EXPECT_EQ(alerts["distribution:relevant"]["severity"], "warning");
  EXPECT_EQ(alerts["distribution:irrelevant"]["severity"], "info");
  EXPECT_NE(alerts["distribution:relevant"]["summary"].get<std::string>().find("moves the mean score by +0.2"),
            std::string::npos)
      << alerts["distribution:relevant"]["summary"];
  EXPECT_GT(pipeline.Windows("m").back()["features"][0]["attribution"]["effect_sd"].get<double>(), 0.3);
}

}  // namespace
}  // namespace monitor::testing
