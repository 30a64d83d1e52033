#include "detectors/counts/binning.h"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::FreezeValues;
using testing::Normal;
using testing::Random;

double Below(double value) { return std::nextafter(value, -HUGE_VAL); }

TEST(Binning, OfContinuousValuesHasAllQuantilesTailsAndTenCoarseBins) {
  Random random(1);
  std::vector<double> values = Normal(100'000, random);
  const Binning binning = FreezeValues(values);
  EXPECT_EQ(binning.edges().size(), 239 + 6 + 2);
  EXPECT_EQ(binning.coarse_bins(), 10);
  std::ranges::sort(values);
  EXPECT_EQ(binning.edges().front(), Below(values.front()));
  EXPECT_EQ(binning.edges().back(), values.back());

  std::vector<std::uint64_t> counts(binning.bins());
  binning.Count(values, counts);
  EXPECT_EQ(counts.front(), 0);
  EXPECT_EQ(counts.back(), 0);
  EXPECT_LE(*std::ranges::max_element(counts), 100'000 / 240 + 1);
  for (const std::uint64_t coarse : binning.Coarse(counts)) EXPECT_NEAR(static_cast<double>(coarse), 10'000, 1);
}

TEST(Binning, OfAConstantHasACellForItAndForEachSide) {
  const Binning binning = FreezeValues(std::vector<double>(100, 0.1));
  EXPECT_EQ(std::vector(binning.coarse_cuts().begin(), binning.coarse_cuts().end()),
            (std::vector<double>{Below(0.1), 0.1}));
  EXPECT_EQ(binning.coarse_bins(), 3);
  EXPECT_EQ(binning.BinOf(Below(0.1)), 0);
  EXPECT_EQ(binning.BinOf(0.1), 1);
  EXPECT_EQ(binning.BinOf(std::nextafter(0.1, 1)), 2);
}

TEST(Binning, WithoutValuesHasOneBin) {
  const Binning binning = FreezeValues({});
  EXPECT_EQ(binning.bins(), 1);
  EXPECT_EQ(binning.coarse_bins(), 1);
  std::vector<std::uint64_t> counts(1);
  binning.Count(std::vector<double>{1, NAN, -HUGE_VAL}, counts);
  EXPECT_EQ(counts[0], 2);
}

TEST(Binning, AHeavyValueIsAFineBinAndFromFivePercentACoarseOne) {
  Random random(2);
  std::vector<double> values = Normal(10'000, random, 5, 1);
  std::fill_n(values.begin(), 6000, 0.0);      // 60 %
  std::fill_n(values.begin() + 6000, 100, 5);  // 1 %
  const Binning binning = FreezeValues(values);
  std::vector<std::uint64_t> counts(binning.bins());
  binning.Count(values, counts);
  EXPECT_EQ(counts[binning.BinOf(0)], 6000);
  EXPECT_EQ(counts[binning.BinOf(5)], 100);
  EXPECT_EQ(binning.Coarse(counts)[binning.coarse_of(binning.BinOf(0))], 6000);
  EXPECT_GT(binning.Coarse(counts)[binning.coarse_of(binning.BinOf(5))], 100);
}

TEST(Binning, StaysWithinItsLimitsAndIsolatesTheHeaviestValues) {
  std::vector<double> values;
  for (int value = 0; value < 200; ++value)
    values.insert(values.end(), static_cast<std::size_t>(value < 20 ? 40 : 20), value);
  const Binning binning = FreezeValues(values);
  EXPECT_EQ(binning.edges().size(), Binning::kMaxEdges);
  std::vector<std::uint64_t> counts(binning.bins());
  binning.Count(values, counts);
  for (int value = 0; value < 20; ++value) EXPECT_EQ(counts[binning.BinOf(value)], 40) << value;
}

TEST(Binning, OfValuesAtTheEndsOfTheRangeIsFinite) {
  constexpr double kMax = std::numeric_limits<double>::max();
  const Binning binning = FreezeValues({-kMax, -1, 0, 5e-324, 1, kMax, HUGE_VAL});
  for (const double edge : binning.edges()) EXPECT_TRUE(std::isfinite(edge));
  EXPECT_EQ(binning.BinOf(HUGE_VAL), binning.bins() - 1);
  EXPECT_EQ(binning.BinOf(-HUGE_VAL), 0);
}

TEST(Binning, CountAgreesWithABinarySearchForEveryNumberOfEdges) {
  Random random(3);
  for (std::size_t edge_count = 0; edge_count <= Binning::kMaxEdges; ++edge_count) {
    std::vector<double> edges(edge_count);
    std::iota(edges.begin(), edges.end(), 1.0);
    const Binning binning(edges, {});
    std::vector<double> values = {NAN, HUGE_VAL, -HUGE_VAL, 0, -0.0, NAN};
    for (const double edge : edges) values.insert(values.end(), {Below(edge), edge, std::nextafter(edge, HUGE_VAL)});
    for (int i = 0; i < 50; ++i) values.push_back(static_cast<double>(random() % 3000) / 10);
    std::vector<std::uint64_t> expected(binning.bins());
    for (const double value : values) {
      if (std::isnan(value)) continue;
      const auto bin = static_cast<std::size_t>(std::ranges::lower_bound(edges, value) - edges.begin());
      EXPECT_EQ(binning.BinOf(value), bin);
      ++expected[bin];
    }
    std::vector<std::uint64_t> counts(binning.bins());
    binning.Count(values, counts);
    EXPECT_EQ(counts, expected);
  }
}

TEST(Binning, RefusesEdgesThatAreNoEdges) {
  EXPECT_THROW(Binning({1, 1}, {}), std::invalid_argument);
  EXPECT_THROW(Binning({2, 1}, {}), std::invalid_argument);
  EXPECT_THROW(Binning({1, NAN}, {}), std::invalid_argument);
  EXPECT_THROW(Binning({1, HUGE_VAL}, {}), std::invalid_argument);
  EXPECT_THROW(Binning({1, 2}, {1.5}), std::invalid_argument);
  EXPECT_THROW(Binning(std::vector<double>(255, 0.0), {}), std::invalid_argument);
}

TEST(Binning, SurvivesEncoding) {
  Random random(4);
  for (const Binning& binning : {FreezeValues({}), FreezeValues({1, 1, 2}), FreezeValues(Normal(5000, random))}) {
    const std::string bytes = testing::Bytes(binning);
    Decoder in(bytes);
    EXPECT_EQ(Binning::Decode(in), binning);
    EXPECT_TRUE(in.AtEnd());
  }
}

}  // namespace
}  // namespace detectors
