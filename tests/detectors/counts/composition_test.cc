// Composition effect: the numbers of STATISTICS 9 — a relevant feature's small shift outranks an irrelevant one's large
// shift — and every cell against a plain sum.
#include "detectors/counts/composition.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Normal;
using testing::Random;

constexpr std::size_t kTraining = 200'000, kLive = 100'000;

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

// A feature of the training data beside the score of each row.
struct Feature {
  std::shared_ptr<const FeatureShape> shape;
  CompositionTable table;

  Feature(const std::vector<double>& values, const std::vector<double>& scores)
      : shape(testing::ShapeOf(values)), table(*shape) {
    std::vector<std::uint8_t> bins(values.size());
    FeatureSummary(shape).AddNumeric(values, 0, 0, bins.data());
    for (std::size_t row = 0; row < values.size(); ++row)
      table.Add(CompositionTable::CellOfBin(*shape, bins[row]), scores[row]);
  }

  CompositionEffect Of(const std::vector<double>& live) const {
    return *Composition(table, testing::Summarise(shape, live));
  }
};

// score = logistic(−0.5 + 2x + noise); another feature has no part in it, a third only with its square.
struct Training {
  Random random{21};
  std::vector<double> x = Normal(kTraining, random), irrelevant = Normal(kTraining, random), score;
  Training() {
    for (const double value : x) score.push_back(Logistic(-0.5 + 2 * value));
  }
};

TEST(Composition, RanksARelevantSmallShiftAboveAnIrrelevantLargeOne) {
  Training training;
  const Feature x(training.x, training.score), irrelevant(training.irrelevant, training.score);
  const std::vector<double> live_x = Normal(kLive, training.random, 0.3);
  const CompositionEffect small = x.Of(live_x);
  const CompositionEffect large = irrelevant.Of(Normal(kLive, training.random, 1));
  double before = 0, now = 0;
  for (const double score : training.score) before += score / kTraining;
  for (const double value : live_x) now += Logistic(-0.5 + 2 * value) / kLive;
  // Only x has moved, so all of the change is its; 10 cells leave out what moves inside of them.
  EXPECT_NEAR(small.outcome, now - before, 0.1 * (now - before));
  EXPECT_GT(small.outcome, 0.07);
  EXPECT_LT(std::abs(large.outcome), 0.005);
  EXPECT_LT(*large.touched, 0.01);
  EXPECT_GE(*small.touched, small.outcome);
}

TEST(Composition, AScaleChangeMovesNoMeanButTouchesTheOutcome) {
  Training training;
  const CompositionEffect wider = Feature(training.x, training.score).Of(Normal(kLive, training.random, 0, 1.5));
  EXPECT_LT(std::abs(wider.outcome), 0.03);
  EXPECT_GT(*wider.touched, 0.05);
}

TEST(Composition, IsThePlainSumOverTheCells) {
  const auto shape = FeatureShape::Categorical(CategoryDictionary({"a", "b"}, {}));
  CompositionTable table(*shape);
  ASSERT_EQ(table.cells().size(), 4U);  // a, b, others, no value
  const auto add = [&](CategoryId category, std::size_t rows, double outcome, double error) {
    for (std::size_t i = 0; i < rows; ++i) {
      table.Add(CompositionTable::CellOfCategory(*shape, category), outcome);
      table.AddError(CompositionTable::CellOfCategory(*shape, category), error);
    }
  };
  add(0, 60, 1, 0.5);
  add(1, 40, 0, 0);
  add(CategoryDictionary::kNoValue, 100, 0.5, 0.1);
  FeatureSummary live(shape);
  const std::vector<CategoryId> ids = {0, 0, 0, 1, CategoryDictionary::kNoValue};
  live.AddCategorical(ids, {}, 1, 0);
  const CompositionEffect effect = *Composition(table, live);
  // Mean .55, error .2; shares .3 .2 .5 → .6 .2 .2
  EXPECT_DOUBLE_EQ(effect.outcome, 0.3 * (1 - 0.55) + 0 + -0.3 * (0.5 - 0.55));
  EXPECT_DOUBLE_EQ(*effect.touched, 0.3 * 0.45 + 0.3 * 0.05);
  EXPECT_DOUBLE_EQ(*effect.error, 0.3 * (0.5 - 0.2) + -0.3 * (0.1 - 0.2));

  CompositionTable twice(*shape);
  twice.Merge(table);
  twice.Merge(table);
  EXPECT_EQ(twice.cells()[0].rows, 120U);
  EXPECT_DOUBLE_EQ(twice.cells()[0].outcome, 120);
  const std::string bytes = Bytes(table);
  Decoder in(bytes);
  EXPECT_EQ(Bytes(CompositionTable::Decode(in, *shape)), bytes);
}

TEST(Composition, ValuesUnknownToTrainingAreNotCalledHarmless) {
  const auto shape = FeatureShape::Categorical(CategoryDictionary({"a", "b"}, {}));
  CompositionTable table(*shape);
  for (int i = 0; i < 100; ++i) table.Add(i % 2, i % 2);
  FeatureSummary live(shape);
  const std::vector<CategoryId> ids = {0, 1, CategoryDictionary::kUnseen};
  const std::vector<std::string_view> names = {"c"};
  live.AddCategorical(ids, names, 0, 0);
  const auto effect = Composition(table, live);
  EXPECT_FALSE(effect->touched);
  EXPECT_FALSE(effect->error);
  EXPECT_FALSE(Composition(table, FeatureSummary(shape)));
  EXPECT_FALSE(Composition(CompositionTable(*shape), live));
}

}  // namespace
}  // namespace detectors
