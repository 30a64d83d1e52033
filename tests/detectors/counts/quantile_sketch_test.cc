#include "detectors/counts/quantile_sketch.h"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

std::vector<double> Shuffled(std::size_t count, Random& random) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 1.0);
  std::ranges::shuffle(values, random);
  return values;
}

// The largest error over all ranks, of a sketch of the numbers 1 … n.
double WorstRankError(const QuantileSketch& sketch) {
  const auto n = static_cast<double>(sketch.count());
  double worst = 0;
  double below = 0;
  for (const auto& item : sketch.SortedItems()) {
    worst = std::max(worst, std::abs(below - (item.value - 1)) / n);  // just below the item
    below += static_cast<double>(item.weight);
    worst = std::max(worst, std::abs(below - item.value) / n);
  }
  return worst;
}

void ExpectWithinRankError(std::vector<double> errors, std::uint32_t k) {
  std::ranges::sort(errors);
  const double at_99_percent = errors[errors.size() * 99 / 100];
  ::testing::Test::RecordProperty("rank_error_99", std::to_string(at_99_percent));
  ::testing::Test::RecordProperty("rank_error_max", std::to_string(errors.back()));
  EXPECT_LE(at_99_percent, QuantileSketch::RankError(k)) << "largest " << errors.back();
}

// The worst rank of each of 1,000 streams: a stricter reading of the guarantee than one fixed rank.
TEST(QuantileSketch, K200IsWithin133PerMilleAt99PercentOver1000Trials) {
  EXPECT_NEAR(QuantileSketch::RankError(200), 0.0133, 0.00005);
  Random random(1);
  std::vector<double> errors;
  for (std::uint64_t trial = 0; trial < 1000; ++trial) {
    QuantileSketch sketch(200, trial);
    sketch.Add(Shuffled(20'000, random));
    EXPECT_LT(sketch.SortedItems().size(), 700);
    errors.push_back(WorstRankError(sketch));
  }
  ExpectWithinRankError(errors, 200);
}

TEST(QuantileSketch, MergedSketchesAreWithinTheSameError) {
  Random random(2);
  std::vector<double> errors;
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    const std::vector<double> values = Shuffled(20'000, random);
    QuantileSketch merged(200, trial);
    for (std::span<const double> left = values; !left.empty();) {
      const std::size_t size = std::min<std::size_t>(left.size(), 1 + random() % 3000);
      QuantileSketch part(200, random());
      part.Add(left.first(size));
      merged.Merge(part);
      left = left.subspan(size);
    }
    ASSERT_EQ(merged.count(), values.size());
    errors.push_back(WorstRankError(merged));
  }
  ExpectWithinRankError(errors, 200);
}

TEST(QuantileSketch, SortedInputIsNoHarder) {
  std::vector<double> errors;
  std::vector<double> values(20'000);
  std::iota(values.begin(), values.end(), 1.0);
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    QuantileSketch sketch(200, trial);
    sketch.Add(values);
    errors.push_back(WorstRankError(sketch));
  }
  ExpectWithinRankError(errors, 200);
}

TEST(QuantileSketch, SortedRunsAreWithinTheSameError) {
  Random random(9);
  std::vector<double> errors;
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    std::vector<double> values = Shuffled(20'000, random);
    QuantileSketch sketch(200, trial);
    for (std::span<double> left = values; !left.empty();) {
      const auto run = left.first(std::min<std::size_t>(left.size(), 1 + random() % 3000));
      std::ranges::sort(run);
      sketch.AddSorted(run);
      left = left.subspan(run.size());
    }
    ASSERT_EQ(sketch.count(), values.size());
    EXPECT_EQ(sketch.min(), 1);
    EXPECT_EQ(sketch.max(), 20'000);
    std::uint64_t weight = 0;
    for (const auto& item : sketch.SortedItems()) weight += item.weight;
    EXPECT_EQ(weight, values.size());
    EXPECT_LT(sketch.SortedItems().size(), 700);
    errors.push_back(WorstRankError(sketch));
  }
  ExpectWithinRankError(errors, 200);
}

TEST(QuantileSketch, IsExactUntilItCompacts) {
  Random random(3);
  QuantileSketch sketch(200);
  sketch.Add(Shuffled(101, random));
  sketch.Add(NAN);
  EXPECT_TRUE(sketch.exact());
  EXPECT_EQ(sketch.count(), 101);
  EXPECT_EQ(sketch.Quantile(0), 1);
  EXPECT_EQ(sketch.Quantile(0.25), 26);
  EXPECT_NEAR(sketch.Quantile(0.333), 34.3, 1e-9);
  EXPECT_EQ(sketch.Quantile(1), 101);
  EXPECT_NEAR(sketch.Rank(50), 50.0 / 101, 1e-15);
  sketch.Add(Shuffled(1000, random));
  EXPECT_FALSE(sketch.exact());
  EXPECT_EQ(sketch.min(), 1);
  EXPECT_EQ(sketch.max(), 1000);
}

TEST(QuantileSketch, AnswersNaNWhileEmptyAndSurvivesInfinities) {
  EXPECT_TRUE(std::isnan(QuantileSketch().Quantile(0.5)));
  EXPECT_TRUE(std::isnan(QuantileSketch().Rank(0)));
  QuantileSketch sketch;
  for (const double value : {-HUGE_VAL, -HUGE_VAL, 0.0, 1.0, HUGE_VAL}) sketch.Add(value);
  for (int percent = 0; percent <= 100; ++percent)
    EXPECT_FALSE(std::isnan(sketch.Quantile(percent / 100.0))) << percent;
  EXPECT_THROW(QuantileSketch(7), std::invalid_argument);
}

TEST(QuantileSketch, SameInputGivesTheSameBytesAndDecodedSketchesGoOnAlike) {
  Random random(4);
  const std::vector<double> values = Shuffled(30'000, random);
  QuantileSketch a(200, 5);
  QuantileSketch b(200, 5);
  a.Add(values);
  b.Add(values);
  const std::string bytes = Bytes(a);
  EXPECT_EQ(bytes, Bytes(b));
  Decoder in(bytes);
  QuantileSketch decoded = QuantileSketch::Decode(in);
  EXPECT_TRUE(in.AtEnd());
  EXPECT_EQ(Bytes(decoded), bytes);
  a.Add(values);
  decoded.Add(values);
  EXPECT_EQ(Bytes(a), Bytes(decoded));
}

TEST(QuantileSketch, MergesWithItselfWithNothingAndWithASmallerOne) {
  Random random(5);
  QuantileSketch sketch(200);
  sketch.Add(Shuffled(5000, random));
  sketch.Merge(sketch);
  EXPECT_EQ(sketch.count(), 10'000);
  const std::string before = Bytes(sketch);
  sketch.Merge(QuantileSketch(50));
  EXPECT_EQ(Bytes(sketch), before);
  QuantileSketch small(50);
  small.Add(Shuffled(5000, random));
  sketch.Merge(small);
  EXPECT_EQ(sketch.count(), 15'000);
  EXPECT_NEAR(sketch.Rank(2500), 0.5, QuantileSketch::RankError(50));
  EXPECT_LT(sketch.SortedItems().size(), 250);
}

}  // namespace
}  // namespace detectors
