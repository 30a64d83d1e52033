#include "detectors/quality/classification_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <tuple>

#include "tests/detectors/quality/outcomes.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::CountsOf;
using testing::Random;

// Outcomes with anything absent.
std::vector<Outcome> Mixed(std::size_t count, Random& random) {
  const ScoreBins bins = ScoreBins::Make({});
  std::vector<Outcome> outcomes = testing::DrawMany(count, {}, bins, random);
  for (Outcome& outcome : outcomes) {
    if (random() % 5 == 0) outcome.bin = kNone;
    if (random() % 7 == 0) outcome.predicted = kNone;
    if (random() % 3 == 0) outcome.label = kNone;
    if (random() % 11 == 0) outcome.label = 40'000;
  }
  return outcomes;
}

TEST(ClassificationCounts, CountEveryCellAndSum) {
  Random random(1);
  const std::vector<Outcome> outcomes = Mixed(5000, random);
  std::map<std::tuple<int, int, int>, std::pair<std::uint64_t, double>> cells;
  std::uint64_t labels = 0;
  std::uint64_t scored_labels = 0;
  double brier = 0, brier_squares = 0, log_loss = 0, log_loss_squares = 0;
  for (const Outcome& outcome : outcomes) {
    auto& [count, score] = cells[{outcome.bin, outcome.predicted, outcome.label}];
    ++count;
    if (outcome.bin != kNone) score += outcome.score;
    if (outcome.label == kNone) continue;
    ++labels;
    if (outcome.bin == kNone) continue;
    ++scored_labels;
    const bool positive = outcome.label == testing::kPositive;
    const double term = std::pow(outcome.score - (positive ? 1.0 : 0.0), 2);
    const double loss = -std::log(positive ? outcome.score : 1.0 - outcome.score);
    brier += term;
    brier_squares += term * term;
    log_loss += loss;
    log_loss_squares += loss * loss;
  }
  const ClassificationCounts counts = CountsOf(outcomes);
  EXPECT_EQ(counts.predictions(), outcomes.size());
  EXPECT_EQ(counts.labels(), labels);
  EXPECT_EQ(counts.scored_labels(), scored_labels);
  EXPECT_NEAR(counts.brier_sum(), brier, 1e-8);
  EXPECT_NEAR(counts.brier_square_sum(), brier_squares, 1e-8);
  EXPECT_NEAR(counts.log_loss_sum(), log_loss, 1e-8);
  EXPECT_NEAR(counts.log_loss_square_sum(), log_loss_squares, 1e-8);
  auto expected = cells.begin();
  counts.ForEach([&](const ClassificationCounts::Cell& cell) {
    ASSERT_NE(expected, cells.end());
    EXPECT_EQ(expected->first, std::tuple(cell.bin, cell.predicted, cell.label));
    EXPECT_EQ(expected->second.first, cell.count);
    EXPECT_NEAR(expected->second.second, cell.score_sum, 5e-10 * static_cast<double>(cell.count) + 1e-12);
    ++expected;
  });
  EXPECT_EQ(expected, cells.end());
}

TEST(ClassificationCounts, ClipTheLogLossAt1e7) {
  const double worst = -std::log(1e-7);
  EXPECT_NEAR(CountsOf({{.bin = 0, .label = testing::kPositive, .score = 0}}).log_loss_sum(), worst, 1e-11);
  EXPECT_NEAR(CountsOf({{.bin = 9, .label = testing::kNegative, .score = 1}}).log_loss_sum(), worst, 1e-11);
  EXPECT_NEAR(CountsOf({{.bin = 9, .label = testing::kPositive, .score = 1}}).log_loss_sum(), 1e-7, 1e-12);
}

TEST(ClassificationCounts, OrderSplitAndCorrectionsGiveTheSameBytes) {
  Random random(2);
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<Outcome> outcomes = Mixed(random() % 1500, random);
    const std::string expected = Bytes(CountsOf(outcomes));
    std::ranges::shuffle(outcomes, random);
    std::vector<ClassificationCounts> parts(1 + random() % 5, ClassificationCounts(testing::kPositive));
    for (const Outcome& outcome : outcomes) {
      ClassificationCounts& part = parts[random() % parts.size()];
      // As it happens: first without a label, then with a wrong one, then corrected.
      Outcome before = outcome;
      before.label = kNone;
      part.Add(before);
      part.Remove(before);
      before.label = testing::kNegative;
      part.Add(before);
      part.Add(outcome);
      part.Remove(before);
    }
    ClassificationCounts merged(testing::kPositive);
    const ClassificationCounts other = CountsOf(Mixed(300, random));
    merged.Merge(other);
    for (const ClassificationCounts& part : parts) merged.Merge(part);
    merged.Subtract(other);
    EXPECT_EQ(Bytes(merged), expected);
    merged.Subtract(merged);
    EXPECT_EQ(Bytes(merged), Bytes(ClassificationCounts(testing::kPositive)));
  }
}

TEST(ClassificationCounts, MergeIsCommutativeAndAssociative) {
  Random random(3);
  const auto a = CountsOf(Mixed(500, random));
  const auto b = CountsOf(Mixed(700, random));
  const auto c = CountsOf(Mixed(20, random));
  auto left = a;
  left.Merge(b);
  left.Merge(c);
  auto right = c;
  right.Merge(b);
  right.Merge(a);
  EXPECT_EQ(Bytes(left), Bytes(right));
  auto twice = a;
  twice.Merge(twice);
  twice.Subtract(a);
  EXPECT_EQ(Bytes(twice), Bytes(a));
}

TEST(ClassificationCounts, RefuseToRemoveWhatWasNotAdded) {
  const Outcome outcome{.bin = 3, .predicted = 1, .label = kNone, .score = 0.25F};
  ClassificationCounts counts = CountsOf({outcome});
  const std::string before = Bytes(counts);
  Outcome other = outcome;
  other.label = 1;
  EXPECT_THROW(counts.Remove(other), std::logic_error);
  other = outcome;
  other.score = 0.26F;
  EXPECT_THROW(counts.Remove(other), std::logic_error);
  EXPECT_THROW(counts.Subtract(CountsOf({outcome, outcome})), std::logic_error);
  EXPECT_THROW(counts.Subtract(CountsOf({outcome}, kNone)), std::invalid_argument);
  EXPECT_THROW(counts.Merge(CountsOf({outcome}, kNone)), std::invalid_argument);
  EXPECT_EQ(Bytes(counts), before);
  counts.Remove(outcome);
  EXPECT_THROW(counts.Remove(outcome), std::logic_error);
  EXPECT_EQ(counts.predictions(), 0);
}

TEST(ClassificationCounts, KeepNoLossWithoutAPositiveClass) {
  Random random(4);
  const ClassificationCounts counts = CountsOf(Mixed(500, random), kNone);
  EXPECT_GT(counts.scored_labels(), 0);
  EXPECT_EQ(counts.log_loss_sum(), 0);
  EXPECT_EQ(counts.brier_sum(), 0);
}

TEST(ClassificationCounts, SurviveEncoding) {
  Random random(5);
  for (const std::uint16_t positive : {kNone, testing::kPositive}) {
    for (const std::size_t count : {0, 1, 10, 4000}) {
      ClassificationCounts counts = CountsOf(Mixed(count, random), positive);
      const std::string bytes = Bytes(counts);
      Decoder in(bytes);
      ClassificationCounts decoded = ClassificationCounts::Decode(in);
      EXPECT_TRUE(in.AtEnd());
      EXPECT_EQ(Bytes(decoded), bytes);
      EXPECT_EQ(decoded.predictions(), counts.predictions());
      EXPECT_EQ(decoded.labels(), counts.labels());
      EXPECT_EQ(decoded.scored_labels(), counts.scored_labels());
      counts.Add({.bin = 3, .predicted = 1, .label = 1, .score = 0.3F});
      decoded.Add({.bin = 3, .predicted = 1, .label = 1, .score = 0.3F});
      EXPECT_EQ(Bytes(decoded), Bytes(counts));
    }
  }
}

// Processor time, best of five, so that a busy machine does not count. Sanitizers cost more than the limit.

}  // namespace
}  // namespace detectors
