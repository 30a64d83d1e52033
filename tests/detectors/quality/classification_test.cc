// Measures of classification against scikit-learn (golden/make_quality.py), their reasons and their intervals.
#include "detectors/quality/classification.h"

#include <gtest/gtest.h>

#include "detectors/quality/confusion_matrix.h"
#include "tests/detectors/quality/golden_quality.h"
#include "tests/detectors/quality/outcomes.h"

namespace detectors {
namespace {

using nlohmann::json;
using testing::kNegative;
using testing::kPositive;
using testing::Random;

// null is kNone.
std::uint16_t Code(const json& value) { return value.is_null() ? kNone : value.get<std::uint16_t>(); }

ClassificationCounts BinaryCounts(const json& golden) {
  const ScoreBins bins = ScoreBins::Make({});
  ClassificationCounts counts(kPositive);
  for (std::size_t i = 0; i < golden.at("label").size(); ++i) {
    Outcome outcome{.predicted = Code(golden.at("predicted")[i]), .label = Code(golden.at("label")[i])};
    const json& score = golden.at("score")[i];
    if (!score.is_null()) {
      outcome.score = score.get<float>();
      outcome.bin = bins.BinOf(outcome.score);
    }
    counts.Add(outcome);
  }
  return counts;
}

void ExpectMeasures(const QualityMeasures& got, const json& expected) {
  for (const auto& [name, value] : expected.items()) {
    ASSERT_TRUE(got.contains(name)) << name;
    const Estimate& estimate = got.at(name);
    if (value.is_null()) {
      EXPECT_FALSE(estimate.ok()) << name;
      continue;
    }
    ASSERT_TRUE(estimate.ok()) << name << ": " << Reason(estimate.why);
    EXPECT_NEAR(estimate.value, value.get<double>(), 1e-9) << name;
    EXPECT_LE(estimate.low, estimate.value) << name;
    EXPECT_GE(estimate.high, estimate.value) << name;
  }
}

TEST(BinaryMetrics, AgreeWithScikitLearn) {
  const json cases = testing::GoldenQuality("binary");
  ASSERT_EQ(cases.size(), 23);
  for (const json& golden : cases) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const QualityMeasures got = BinaryMetrics(BinaryCounts(golden), kPositive);
    EXPECT_EQ(got.size(), 12);
    ExpectMeasures(got, golden.at("expected"));
    for (const char* name : {"log_loss", "brier"}) {
      const json& interval = golden.value(std::string(name) + "_interval", json());
      if (interval.is_null()) continue;
      // Where all terms are equal both variances are rounding errors.
      EXPECT_NEAR(got.at(name).low, std::max(0.0, interval[0].get<double>()), 2e-7) << name;
      EXPECT_NEAR(got.at(name).high, interval[1].get<double>(), 2e-7) << name;
    }
  }
}

TEST(BinaryMetrics, SayWhyTheyAreNotComputable) {
  const auto measures = [](std::vector<Outcome> outcomes) {
    return BinaryMetrics(testing::CountsOf(outcomes), kPositive);
  };
  const Outcome unlabelled{.bin = 3, .predicted = 1, .label = kNone, .score = 0.1F};
  for (const auto& [name, measure] : measures({unlabelled})) EXPECT_EQ(measure.why, NotComputable::kNoLabels) << name;

  const QualityMeasures positive = measures({{.bin = 3, .predicted = 0, .label = 1, .score = 0.1F}});
  EXPECT_EQ(positive.at("precision").why, NotComputable::kNoPositivePredictions);
  EXPECT_EQ(positive.at("specificity").why, NotComputable::kNoNegativeLabels);
  EXPECT_EQ(positive.at("balanced_accuracy").why, NotComputable::kOneClass);
  EXPECT_EQ(positive.at("mcc").why, NotComputable::kOneClass);
  EXPECT_EQ(positive.at("auc").why, NotComputable::kNoNegativeLabels);
  EXPECT_EQ(positive.at("log_loss").low, 0);
  EXPECT_NEAR(positive.at("log_loss").high, -std::log(1e-7), 1e-12);

  const QualityMeasures negative = measures({{.bin = 3, .predicted = 0, .label = 0, .score = 0.1F}});
  EXPECT_EQ(negative.at("recall").why, NotComputable::kNoPositiveLabels);
  EXPECT_EQ(negative.at("f1").why, NotComputable::kNoPositives);
  EXPECT_EQ(negative.at("auc").why, NotComputable::kNoPositiveLabels);
  EXPECT_EQ(negative.at("pr_auc").why, NotComputable::kNoPositiveLabels);

  const QualityMeasures scores_only = measures({{.bin = 3, .label = 0, .score = 0.1F}});
  for (const char* name : {"accuracy", "precision", "recall", "f1", "specificity", "balanced_accuracy", "mcc"})
    EXPECT_EQ(scores_only.at(name).why, NotComputable::kNoPredictedClass) << name;
  EXPECT_TRUE(scores_only.at("brier").ok());

  const QualityMeasures classes_only = measures({{.predicted = 1, .label = 1}});
  for (const char* name : {"auc", "pr_auc", "log_loss", "brier", "ece"})
    EXPECT_EQ(classes_only.at(name).why, NotComputable::kNoScore) << name;
  EXPECT_EQ(classes_only.at("accuracy").value, 1);
  EXPECT_THROW(BinaryMetrics(testing::CountsOf({}), kNegative), std::invalid_argument);
  EXPECT_THROW(BinaryMetrics(testing::CountsOf({}, kNone), kNone), std::invalid_argument);
}

// The share of 95 % intervals that hold the truth, with the truth from 2 million records. 2,000 trials have an error of
// 0.005 each.
TEST(BinaryMetrics, IntervalsCoverTheTruthInSimulation) {
  const ScoreBins bins = ScoreBins::Make({});
  for (const testing::World world : {testing::World{}, testing::World{.offset = -2.5, .threshold = 0.6}}) {
    Random random(2);
    ClassificationCounts all(kPositive);
    for (int i = 0; i < 2'000'000; ++i) all.Add(testing::Draw(world, bins, random));
    const QualityMeasures truth = BinaryMetrics(all, kPositive);
    std::map<std::string, int> covered;
    constexpr int kTrials = 2000;
    for (int trial = 0; trial < kTrials; ++trial) {
      const auto sample = testing::CountsOf(testing::DrawMany(500, world, bins, random));
      for (const auto& [name, measure] : BinaryMetrics(sample, kPositive)) {
        const double expected = truth.at(name).value;
        covered[name] += measure.ok() && measure.low <= expected && expected <= measure.high ? 1 : 0;
      }
    }
    for (const auto& [name, count] : covered) {
      const double share = count / static_cast<double>(kTrials);
      std::printf("coverage of %s: %.4f\n", name.c_str(), share);
      EXPECT_GE(share, name == "pr_auc" ? 0.92 : 0.93) << name;
      // Bounds of the calibration error allow for its bias and are wider; the interval of average precision ignores
      // how its errors depend on each other.
      if (name == "ece" || name == "pr_auc") continue;
      EXPECT_LE(share, 0.97) << name;
    }
  }
}

TEST(MulticlassMetrics, AgreeWithScikitLearn) {
  const json cases = testing::GoldenQuality("multiclass");
  ASSERT_EQ(cases.size(), 10);
  for (const json& golden : cases) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    ClassificationCounts counts;
    for (std::size_t i = 0; i < golden.at("label").size(); ++i)
      counts.Add({.predicted = Code(golden.at("predicted")[i]), .label = Code(golden.at("label")[i])});
    ExpectMeasures(MulticlassMetrics(counts), golden.at("expected"));
    const ConfusionMatrix matrix = Confusion(counts);
    EXPECT_EQ(matrix.classes, golden.at("classes").get<std::vector<std::uint16_t>>());
    for (std::size_t label = 0; label < matrix.size(); ++label) {
      for (std::size_t predicted = 0; predicted < matrix.size(); ++predicted)
        EXPECT_EQ(matrix.at(label, predicted), golden.at("matrix")[label][predicted]);
    }
  }
}

TEST(MulticlassMetrics, IntervalsCoverTheTruthInSimulation) {
  // Joint shares of (label, predicted) of three classes.
  const std::vector<double> joint = {0.40, 0.05, 0.05, 0.03, 0.22, 0.05, 0.05, 0.05, 0.10};
  std::discrete_distribution<int> draw(joint.begin(), joint.end());
  const auto outcome = [](int cell) {
    return Outcome{.predicted = static_cast<std::uint16_t>(cell % 3), .label = static_cast<std::uint16_t>(cell / 3)};
  };
  ClassificationCounts all;
  for (std::size_t cell = 0; cell < joint.size(); ++cell) {
    for (int i = 0; i < static_cast<int>(std::lround(joint[cell] * 100)); ++i) all.Add(outcome(static_cast<int>(cell)));
  }
  const QualityMeasures truth = MulticlassMetrics(all);
  Random random(3);
  std::map<std::string, int> covered;
  constexpr int kTrials = 5000;
  for (int trial = 0; trial < kTrials; ++trial) {
    ClassificationCounts sample;
    for (int i = 0; i < 300; ++i) sample.Add(outcome(draw(random)));
    for (const auto& [name, measure] : MulticlassMetrics(sample)) {
      const double expected = truth.at(name).value;
      covered[name] += measure.ok() && measure.low <= expected && expected <= measure.high ? 1 : 0;
    }
  }
  EXPECT_EQ(covered["ece"], 0) << "no scores";
  covered.erase("ece");
  EXPECT_EQ(covered.size(), 9);
  for (const auto& [name, count] : covered) {
    const double share = count / static_cast<double>(kTrials);
    std::printf("coverage of %s: %.4f\n", name.c_str(), share);
    EXPECT_GE(share, 0.93) << name;
    EXPECT_LE(share, 0.97) << name;
  }
}

TEST(MulticlassMetrics, SayWhyTheyAreNotComputable) {
  for (const auto& [name, measure] : MulticlassMetrics(ClassificationCounts()))
    EXPECT_EQ(measure.why, NotComputable::kNoLabels) << name;
  for (const auto& [name, measure] : MulticlassMetrics(testing::CountsOf({{.label = 4}}, kNone)))
    EXPECT_EQ(measure.why, NotComputable::kNoPredictedClass) << name;
}

TEST(MulticlassMetrics, JudgeTheScoreAsTheChanceToBeRight) {
  const ScoreBins bins = ScoreBins::Make({});
  ClassificationCounts counts;
  for (std::uint16_t i = 0; i < 1000; ++i) {
    counts.Add({.bin = bins.BinOf(0.9),
                .predicted = 5,
                .label = static_cast<std::uint16_t>(i % 10 == 0 ? 6 : 5),
                .score = 0.9F});
  }
  EXPECT_NEAR(MulticlassMetrics(counts).at("ece").value, 0, 1e-9);
  counts.Add({.bin = bins.BinOf(0.9), .predicted = 5, .label = 6, .score = 0.9F});
  EXPECT_GT(MulticlassMetrics(counts).at("ece").high, 0);
}

// A predictor that ignores everything, judged by the measures themselves.
TEST(ConstantPredictor, IsWhatAConstantPredictionReaches) {
  Random random(4);
  const ScoreBins bins = ScoreBins::Make({});
  for (const testing::World world : {testing::World{.offset = -1}, testing::World{.offset = 1}}) {
    const auto outcomes = testing::DrawMany(3000, world, bins, random);
    double positives = 0;
    for (const Outcome& outcome : outcomes) positives += outcome.label == kPositive ? 1 : 0;
    const double rate = positives / 3000;
    const auto constant = [&](std::uint16_t predicted) {
      ClassificationCounts counts(kPositive);
      for (Outcome outcome : outcomes) {
        outcome.predicted = predicted;
        outcome.score = static_cast<float>(rate);
        outcome.bin = bins.BinOf(rate);
        counts.Add(outcome);
      }
      return BinaryMetrics(counts, kPositive);
    };
    const QualityMeasures majority = constant(rate > 0.5 ? kPositive : kNegative);
    const QualityMeasures always = constant(kPositive);
    const QualityMeasures floor = ConstantPredictorBinary(testing::CountsOf(outcomes), kPositive);
    for (const char* name : {"accuracy", "recall", "specificity", "balanced_accuracy", "auc", "log_loss", "brier"})
      EXPECT_NEAR(floor.at(name).value, majority.at(name).value, 1e-6) << name;
    for (const char* name : {"precision", "f1", "pr_auc"})
      EXPECT_NEAR(floor.at(name).value, always.at(name).value, 1e-6) << name;
    EXPECT_EQ(floor.at("mcc").value, 0);
    EXPECT_FALSE(floor.contains("ece"));
    for (const auto& [name, measure] : floor) {
      EXPECT_LE(measure.low, measure.value) << name;
      EXPECT_GE(measure.high, measure.value) << name;
    }
    // As a multi-class problem.
    ClassificationCounts several;
    ClassificationCounts judged;
    for (Outcome outcome : outcomes) {
      several.Add(outcome);
      outcome.predicted = rate > 0.5 ? kPositive : kNegative;
      judged.Add(outcome);
    }
    const QualityMeasures reached = MulticlassMetrics(judged);
    for (const auto& [name, measure] : ConstantPredictorMulticlass(several)) {
      EXPECT_NEAR(measure.value, name == "mcc" ? 0 : reached.at(name).value, 1e-9) << name;
    }
  }
}

TEST(ConstantPredictor, SaysWhyThereIsNone) {
  for (const auto& [name, measure] : ConstantPredictorBinary(testing::CountsOf({{.predicted = 1}}), kPositive))
    EXPECT_EQ(measure.why, NotComputable::kNoLabels) << name;
  for (const auto& [name, measure] : ConstantPredictorMulticlass(ClassificationCounts()))
    EXPECT_EQ(measure.why, NotComputable::kNoLabels) << name;
  const auto one = ConstantPredictorBinary(testing::CountsOf({{.predicted = 1, .label = 1}}), kPositive);
  EXPECT_EQ(one.at("auc").why, NotComputable::kOneClass);
  EXPECT_EQ(one.at("accuracy").value, 1);
  EXPECT_NEAR(one.at("log_loss").value, 1e-7, 1e-12);
}

}  // namespace
}  // namespace detectors
