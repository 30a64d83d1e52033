#include "detectors/counts/moments.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Normal;
using testing::Random;

struct Reference {
  double mean;
  double variance;  // sample
};

// Around the first value, so that the reference keeps more digits than what it judges.
Reference InLongDouble(std::span<const double> values) {
  const long double first = values.front();
  const auto n = static_cast<long double>(values.size());
  long double sum = 0;
  for (const double value : values) sum += value - first;
  const long double mean = sum / n;
  long double squares = 0;
  for (const double value : values) squares += (value - first - mean) * (value - first - mean);
  return {static_cast<double>(first + mean), static_cast<double>(squares / (n - 1))};
}

Moments Of(std::span<const double> values) {
  Moments moments;
  moments.Add(values);
  return moments;
}

// 1e-12 relative to the larger of mean and standard deviation: a mean of nearly 0 has no relative accuracy of its own.
void ExpectSame(const Moments& moments, const Reference& expected) {
  EXPECT_NEAR(moments.mean(), expected.mean, 1e-12 * std::max(std::abs(expected.mean), std::sqrt(expected.variance)));
  EXPECT_NEAR(moments.sample_variance(), expected.variance, 1e-12 * expected.variance);
}

TEST(Moments, AreNaNWithoutValues) {
  const Moments none = Of(std::vector<double>{NAN, NAN});
  EXPECT_EQ(none.count(), 0);
  EXPECT_TRUE(std::isnan(none.mean()) && std::isnan(none.population_variance()) && std::isnan(none.sample_variance()));
  EXPECT_TRUE(std::isnan(none.min()) && std::isnan(none.max()));
  const Moments one = Of(std::vector<double>{3});
  EXPECT_EQ(one.mean(), 3);
  EXPECT_EQ(one.population_variance(), 0);
  EXPECT_TRUE(std::isnan(one.sample_variance()));
}

TEST(Moments, AgreeWithLongDoubleAlsoFarFromZero) {
  Random random(1);
  for (const double mean : {0.0, 1.0, -1e6, 1e9}) {
    for (const double sd : {1e-3, 1.0, 1e6}) {
      const std::vector<double> values = Normal(10'000, random, mean, sd);
      SCOPED_TRACE(::testing::Message() << mean << " ± " << sd);
      ExpectSame(Of(values), InLongDouble(values));
    }
  }
}

TEST(Moments, OfEqualValuesHaveExactlyNoVariance) {
  Moments moments;
  for (int block = 1; block < 40; ++block)
    moments.Merge(Of(std::vector<double>(static_cast<std::size_t>(block * 7), 0.1)));
  EXPECT_EQ(moments.mean(), 0.1);
  EXPECT_EQ(moments.population_variance(), 0);
}

TEST(Moments, AnySplitAndOrderGivesTheSameTo1e12) {
  Random random(2);
  for (int trial = 0; trial < 100; ++trial) {
    std::lognormal_distribution<double> skewed(0, 2);
    std::vector<double> values = Normal(3000, random, 1e5, 10);
    for (std::size_t i = 0; i < 500; ++i) values[i] = skewed(random);
    const Reference expected = InLongDouble(values);
    std::ranges::shuffle(values, random);
    std::vector<Moments> parts(1 + random() % 10);
    for (std::span<const double> left = values; !left.empty();) {
      const std::size_t size = std::min<std::size_t>(left.size(), 1 + random() % 700);
      parts[random() % parts.size()].Add(left.first(size));
      left = left.subspan(size);
    }
    std::ranges::shuffle(parts, random);
    Moments merged;
    for (const Moments& part : parts) merged.Merge(part);
    EXPECT_EQ(merged.count(), values.size());
    EXPECT_EQ(merged.min(), *std::ranges::min_element(values));
    EXPECT_EQ(merged.max(), *std::ranges::max_element(values));
    ExpectSame(merged, expected);
  }
}

TEST(Moments, ExtremesCountApart) {
  const std::vector<double> values = {1, 1e101, NAN, 2, -HUGE_VAL, 3, 1e100, -1e100};
  const Moments moments = Of(values);
  EXPECT_EQ(moments.count(), 5);
  EXPECT_EQ(moments.extreme(), 2);
  EXPECT_EQ(moments.min(), -HUGE_VAL);
  EXPECT_EQ(moments.max(), 1e101);
  EXPECT_TRUE(std::isfinite(moments.mean()) && std::isfinite(moments.sample_variance()));
  const Moments only = Of(std::vector<double>{1e300});
  EXPECT_EQ(only.count(), 0);
  EXPECT_EQ(only.max(), 1e300);
  EXPECT_TRUE(std::isnan(only.mean()));
}

// What a block gives to the last bit, however its values are added up: with vectors or one by one (portable_detectors).
TEST(Moments, BlockIsSummedInEightLanes) {
  Random random(11);
  for (std::size_t size = 1; size <= 256; size = size * 5 / 4 + 1) {
    std::vector<double> values = Normal(size, random, 40, 7);
    for (double& value : values) {
      if (random() % 9 == 0) value = NAN;
      if (random() % 50 == 0) value = random() % 2 == 0 ? 1e200 : -HUGE_VAL;
    }
    const auto usable = [](double value) { return std::abs(value) <= 1e100; };
    const auto count = std::ranges::count_if(values, usable);
    const Moments moments = Of(values);
    ASSERT_EQ(moments.count(), count);
    if (count == 0) continue;
    const auto lanes = [&](auto term) {
      double sums[8] = {}, total = 0;
      for (std::size_t i = 0; i < size; ++i) sums[i % 8] += usable(values[i]) ? term(values[i]) : 0;
      for (const double sum : sums) total += sum;
      return total;
    };
    const double first = *std::ranges::find_if(values, usable), n = static_cast<double>(count);
    const double mean = first + lanes([&](double value) { return value - first; }) / n;
    const double rest = lanes([&](double value) { return value - mean; });
    const double squares = lanes([&](double value) { return (value - mean) * (value - mean); });
    EXPECT_EQ(moments.mean(), mean + rest / n) << size;
    EXPECT_EQ(moments.population_variance(), std::max(0.0, squares - rest * rest / n) / n) << size;
  }
}

TEST(Moments, MinimumIsExactWhereDifferencesRound) {
  const Moments moments = Of(std::vector<double>{1e16, 0.1, -3e15});
  EXPECT_EQ(moments.min(), -3e15);
  EXPECT_EQ(moments.max(), 1e16);
  EXPECT_EQ(Of(std::vector<double>{1e16, 0.1}).min(), 0.1);
}

TEST(Moments, SurviveEncoding) {
  Random random(3);
  for (const Moments& moments : {Moments(), Of(Normal(1000, random, 1e9)), Of(std::vector<double>{HUGE_VAL})}) {
    const std::string bytes = Bytes(moments);
    Decoder in(bytes);
    EXPECT_EQ(Bytes(Moments::Decode(in)), bytes);
    EXPECT_TRUE(in.AtEnd());
  }
}

}  // namespace
}  // namespace detectors
