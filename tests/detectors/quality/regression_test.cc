// RegressionCounts and its measures: scikit-learn's values, the laws of merging, coverage of the intervals.
#include "detectors/quality/regression.h"

#include <gtest/gtest.h>

#include "tests/detectors/quality/golden_quality.h"
#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

struct Pair {
  double predicted;
  double label;
};

RegressionCounts CountsOf(const std::vector<Pair>& pairs, std::optional<double> reference_mean = {}) {
  RegressionCounts counts(reference_mean);
  for (const Pair& pair : pairs) {
    counts.AddPrediction(pair.predicted);
    counts.AddLabel(pair.predicted, pair.label);
  }
  return counts;
}

std::vector<Pair> Sample(std::size_t count, Random& random) {
  std::vector<Pair> pairs;
  std::lognormal_distribution<double> label(1, 0.5);
  std::normal_distribution<double> error(0.1, 0.7);
  for (std::size_t i = 0; i < count; ++i) {
    const double y = label(random);
    pairs.push_back({y + error(random), y});
  }
  return pairs;
}

TEST(RegressionMetrics, AgreeWithScikitLearn) {
  const auto cases = testing::GoldenQuality("regression");
  ASSERT_EQ(cases.size(), 9);
  for (const auto& golden : cases) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < golden.at("label").size(); ++i)
      pairs.push_back({golden.at("predicted")[i], golden.at("label")[i]});
    for (const std::optional<double> mean : {std::optional<double>(), std::optional(3.25), std::optional(1e9)}) {
      const QualityMeasures got = RegressionMetrics(CountsOf(pairs, mean));
      EXPECT_EQ(got.size(), 5);
      for (const auto& [name, value] : golden.at("expected").items()) {
        const Estimate& estimate = got.at(name);
        if (value.is_null()) {
          EXPECT_FALSE(estimate.ok()) << name;
          continue;
        }
        ASSERT_TRUE(estimate.ok()) << name << ": " << Reason(estimate.why);
        // scikit-learn's own sums round; a reference mean of 1e9 takes digits from labels near 0.
        const double expected = value;
        const double tolerance = mean == 1e9 && name == "r2" ? 1e-5 : 1e-9 * std::max(1.0, std::abs(expected));
        EXPECT_NEAR(estimate.value, expected, tolerance) << name;
        EXPECT_LE(estimate.low, estimate.value) << name;
        EXPECT_GE(estimate.high, estimate.value) << name;
      }
    }
  }
}

TEST(RegressionMetrics, SayWhyTheyAreNotComputable) {
  RegressionCounts counts;
  counts.AddPrediction(3);
  for (const auto& [name, measure] : RegressionMetrics(counts)) EXPECT_EQ(measure.why, NotComputable::kNoLabels);
  for (const auto& [name, measure] : ConstantPredictorRegression(counts))
    EXPECT_EQ(measure.why, NotComputable::kNoLabels);
  const QualityMeasures zeros = RegressionMetrics(CountsOf({{1, 0}, {2, 0}}));
  EXPECT_EQ(zeros.at("wape").why, NotComputable::kZeroLabels);
  EXPECT_EQ(zeros.at("r2").why, NotComputable::kEqualLabels);
  EXPECT_EQ(zeros.at("mae").value, 1.5);
  const QualityMeasures one = RegressionMetrics(CountsOf({{1, 3}}));
  EXPECT_EQ(one.at("mae").value, 2);
  EXPECT_EQ(one.at("mae").low, 0);
  EXPECT_EQ(one.at("mae").high, HUGE_VAL);
}

TEST(RegressionMetrics, OneInfiniteValueIsToldAndCanBeTakenOut) {
  Random random(1);
  const std::vector<Pair> pairs = Sample(100, random);
  RegressionCounts counts = CountsOf(pairs, 2.0);
  const std::string before = Bytes(counts);
  for (const Pair& wild : {Pair{HUGE_VAL, 1}, Pair{1, NAN}, Pair{1e300, 1}, Pair{1, -HUGE_VAL}}) {
    counts.AddLabel(wild.predicted, wild.label);
    EXPECT_EQ(RegressionMetrics(counts).at("rmse").why, NotComputable::kInfinite);
    EXPECT_EQ(RegressionMetrics(counts).at("r2").why, NotComputable::kInfinite);
    counts.RemoveLabel(wild.predicted, wild.label);
    EXPECT_EQ(Bytes(counts), before);
  }
}

TEST(RegressionCounts, OrderSplitAndCorrectionsGiveTheSameBytes) {
  Random random(2);
  for (int trial = 0; trial < 40; ++trial) {
    std::vector<Pair> pairs = Sample(random() % 300, random);
    const std::string expected = Bytes(CountsOf(pairs, 3.0));
    std::ranges::shuffle(pairs, random);
    std::vector<RegressionCounts> parts(1 + random() % 5, RegressionCounts(3.0));
    for (const Pair& pair : pairs) {
      RegressionCounts& part = parts[random() % parts.size()];
      part.AddPrediction(pair.predicted);
      part.AddLabel(pair.predicted, pair.label * 1.7);
      part.AddLabel(pair.predicted, pair.label);
      part.RemoveLabel(pair.predicted, pair.label * 1.7);
    }
    const RegressionCounts other = CountsOf(Sample(50, random), 3.0);
    RegressionCounts merged = other;
    for (const RegressionCounts& part : parts) merged.Merge(part);
    merged.Subtract(other);
    EXPECT_EQ(Bytes(merged), expected);
    Decoder in(expected);
    RegressionCounts decoded = RegressionCounts::Decode(in);
    EXPECT_TRUE(in.AtEnd());
    EXPECT_EQ(Bytes(decoded), expected);
    EXPECT_EQ(decoded.labels(), pairs.size());
    EXPECT_EQ(decoded.predictions(), pairs.size());
    merged.Subtract(decoded);
    EXPECT_EQ(Bytes(merged), Bytes(RegressionCounts(3.0)));
  }
}

TEST(RegressionCounts, RefuseWhatDoesNotFit) {
  RegressionCounts counts;
  EXPECT_THROW(counts.RemoveLabel(1, 1), std::logic_error);
  EXPECT_THROW(counts.Subtract(CountsOf({{1, 1}})), std::logic_error);
  EXPECT_THROW(counts.Merge(RegressionCounts(1.0)), std::invalid_argument);
  EXPECT_THROW(RegressionCounts(std::optional<double>(HUGE_VAL)), std::invalid_argument);
}

TEST(RegressionCounts, SquaresAroundMeanDoNotCancel) {
  // 1e15 + {0, 1, 2}: the squares alone have no digit left for the difference.
  EXPECT_EQ(CountsOf({{0, 1e15}, {0, 1e15 + 1}, {0, 1e15 + 2}}).SquaresAroundMean(), 2);
  EXPECT_EQ(CountsOf({{0, 0.1}, {0, 0.1}, {0, 0.1}}).SquaresAroundMean(), 0);
}

// 4,000 samples of 400 labels: ± 0.0035.
TEST(RegressionMetrics, IntervalsCoverTheTruthInSimulation) {
  Random random(3);
  const QualityMeasures truth = RegressionMetrics(CountsOf(Sample(1'000'000, random), 3.0));
  std::map<std::string, int> covered;
  constexpr int kTrials = 4000;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::optional<double> mean = trial % 2 == 0 ? std::optional(3.0) : std::nullopt;
    for (const auto& [name, measure] : RegressionMetrics(CountsOf(Sample(400, random), mean))) {
      const double expected = truth.at(name).value;
      covered[name] += measure.low <= expected && expected <= measure.high ? 1 : 0;
    }
  }
  for (const auto& [name, count] : covered) {
    const double share = count / static_cast<double>(kTrials);
    std::printf("coverage of %s: %.4f\n", name.c_str(), share);
    EXPECT_GE(share, name == "r2" ? 0.91 : 0.93) << name;  // heavy tails of the labels' fourth moment
    EXPECT_LE(share, 0.97) << name;
  }
}

TEST(ConstantPredictorRegression, IsWhatTheMeanReaches) {
  Random random(4);
  const std::vector<Pair> pairs = Sample(1000, random);
  const auto always = [&](double value) {
    std::vector<Pair> constant = pairs;
    for (Pair& pair : constant) pair.predicted = value;
    return RegressionMetrics(CountsOf(constant));
  };
  const QualityMeasures given = ConstantPredictorRegression(CountsOf(pairs, 2.5));
  for (const auto& [name, measure] : always(2.5)) {
    EXPECT_NEAR(given.at(name).value, measure.value, 1e-9) << name;
    if (name == "wape") continue;
    EXPECT_NEAR(given.at(name).low, measure.low, 1e-9) << name;
    EXPECT_NEAR(given.at(name).high, measure.high, 1e-9) << name;
  }
  double mean = 0;
  for (const Pair& pair : pairs) mean += pair.label / 1000;
  const QualityMeasures own = ConstantPredictorRegression(CountsOf(pairs));
  for (const char* name : {"rmse", "bias", "r2"}) EXPECT_NEAR(own.at(name).value, always(mean).at(name).value, 1e-9);
  for (const char* name : {"mae", "wape"}) EXPECT_EQ(own.at(name).why, NotComputable::kNoReferenceMean);
}

}  // namespace
}  // namespace detectors
