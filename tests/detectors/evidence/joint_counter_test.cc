// Bins → normal scores → SecondMoments: the same correlations as from the values' own normal scores, in any grouping.
#include "detectors/evidence/joint_counter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "../samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Normal;
using testing::Random;

constexpr std::size_t kRows = 20'000;

// Shares of the values, NaN left out, at or below each edge.
std::vector<double> Shares(const Binning& binning, const std::vector<double>& values) {
  const auto present = std::ranges::count_if(values, [](double value) { return !std::isnan(value); });
  std::vector<double> shares;
  for (const double edge : binning.edges())
    shares.push_back(static_cast<double>(std::ranges::count_if(values, [&](double value) { return value <= edge; })) /
                     static_cast<double>(present));
  return shares;
}

struct Column {
  std::vector<double> values;
  BinScores scores;
  std::vector<std::uint8_t> bins;

  explicit Column(std::vector<double> of) : values(std::move(of)), bins(values.size()) {
    const Binning binning = testing::FreezeValues(values);
    scores = NormalScores(Shares(binning, values));
    std::vector<std::uint64_t> counts(binning.bins());
    binning.Count(values, counts, bins.data());
    std::vector<std::uint64_t> plain(binning.bins());
    binning.Count(values, plain);
    EXPECT_EQ(counts, plain);
  }
};

SecondMoments CountRows(const std::vector<Column>& columns, const std::vector<std::uint16_t>& rows, std::size_t group) {
  std::vector<BinScores> scores;
  std::vector<const std::uint8_t*> bins;
  for (const Column& column : columns) {
    scores.push_back(column.scores);
    bins.push_back(column.bins.data());
  }
  JointCounter counter(scores);
  SecondMoments sum(columns.size());
  for (std::size_t first = 0; first < rows.size(); first += group)
    counter.Add(bins, std::span(rows).subspan(first, std::min(group, rows.size() - first)), sum);
  return sum;
}

std::vector<std::uint16_t> AllRows() {
  std::vector<std::uint16_t> rows(kRows);
  std::iota(rows.begin(), rows.end(), std::uint16_t{0});
  return rows;
}

// x normal, y = exp(0.6x + 0.8e): skewed, but the normal scores of both have the correlation 0.6.
std::vector<Column> Skewed() {
  Random random(11);
  const std::vector<double> x = Normal(kRows, random), e = Normal(kRows, random);
  std::vector<double> y(kRows);
  for (std::size_t i = 0; i < kRows; ++i) y[i] = std::exp(3 * (0.6 * x[i] + 0.8 * e[i]));
  return {Column(x), Column(y)};
}

TEST(JointCounter, CorrelationOfSkewedFeaturesIsThatOfTheirNormalScores) {
  const SecondMoments sum = CountRows(Skewed(), AllRows(), kRows);
  EXPECT_NEAR(*sum.Correlation(0, 1), 0.6, 3 * (1 - 0.36) / std::sqrt(double{kRows}));
  EXPECT_EQ(sum.rows(0, 1), kRows);
}

TEST(JointCounter, AnyGroupingGivesTheSameBytes) {
  const std::vector<Column> columns = Skewed();
  const std::string whole = Bytes(CountRows(columns, AllRows(), kRows));
  EXPECT_EQ(Bytes(CountRows(columns, AllRows(), 1000)), whole);
  EXPECT_EQ(Bytes(CountRows(columns, AllRows(), 63)), whole);
}

TEST(JointCounter, MissingValuesLeaveOutTheirPairsAndOutliersAreTheLargestValue) {
  Random random(12);
  std::vector<double> x = Normal(kRows, random);
  std::vector<double> y = x;
  for (std::size_t i = 0; i < kRows; i += 4) x[i] = std::numeric_limits<double>::quiet_NaN();
  y[1] = 1e300;
  y[2] = std::numeric_limits<double>::infinity();
  const SecondMoments sum = CountRows({Column(x), Column(y)}, AllRows(), kRows);
  EXPECT_EQ(sum.rows(0, 0), kRows * 3 / 4);
  EXPECT_EQ(sum.rows(0, 1), kRows * 3 / 4);
  EXPECT_EQ(sum.rows(1, 1), kRows);
  EXPECT_GT(*sum.Correlation(0, 1), 0.99);
}

TEST(NormalScores, AreTheNormalQuantilesOfTheMiddleRanks) {
  const std::vector<double> shares = {0.2, 0.5, 0.9};
  const BinScores scores = NormalScores(shares);
  // scipy.stats.norm.ppf([0.1, 0.35, 0.7, 0.95]) · 1024
  EXPECT_EQ(scores[0], -1312);
  EXPECT_EQ(scores[1], -395);
  EXPECT_EQ(scores[2], 537);
  EXPECT_EQ(scores[3], 1684);
  Encoder out;
  EncodeScores(scores, out);
  const std::string bytes = out.Take();
  Decoder in(bytes);
  EXPECT_EQ(DecodeScores(in), scores);
  EXPECT_EQ(NormalScores(std::vector<double>{0.0, 1.0})[0], SecondMoments::Quantize(-4));
  EXPECT_THROW(NormalScores(std::vector<double>(255, 0.5)), std::invalid_argument);
}

TEST(JointSampleShift, KeepsThePairsOfARecordCheap) {
  for (std::size_t features = 1; features <= 128; ++features) {
    const std::size_t pairs = features * (features + 1) / 2;
    EXPECT_LE(pairs >> JointSampleShift(features), 640U);
  }
  EXPECT_EQ(JointSampleShift(20), 0U);
  EXPECT_EQ(JointSampleShift(100), 3U);
}

}  // namespace
}  // namespace detectors
