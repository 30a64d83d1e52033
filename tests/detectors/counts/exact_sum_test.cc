// ExactSum against Python's math.fsum, and the promise that only the numbers count, not their order.
#include "detectors/counts/exact_sum.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "tests/detectors/quality/golden_quality.h"
#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

double FromHex(const std::string& hex) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits |= std::stoull(hex.substr(2 * i, 2), nullptr, 16) << (8 * i);
  return std::bit_cast<double>(bits);
}

ExactSum Of(std::span<const double> values) {
  ExactSum sum;
  for (const double value : values) sum.Add(value);
  return sum;
}

// Any finite double, each exponent as likely as the others.
double AnyDouble(Random& random) {
  for (;;) {
    const auto value = std::bit_cast<double>(random());
    if (std::isfinite(value)) return value;
  }
}

TEST(ExactSum, RoundsAsMathFsum) {
  const auto cases = testing::GoldenQuality("exact_sums");
  ASSERT_EQ(cases.size(), 18);
  for (const auto& golden : cases) {
    ExactSum sum;
    for (const auto& value : golden.at("values")) sum.Add(FromHex(value));
    const double expected = FromHex(golden.at("sum"));
    EXPECT_EQ(sum.Value(), expected) << golden.at("name");
  }
}

TEST(ExactSum, OrderGroupingAndTakingOutGiveTheSameBytes) {
  Random random(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> values(1 + random() % 300);
    const bool any = trial % 2 == 0;
    for (double& value : values) value = any ? AnyDouble(random) : std::ldexp(AnyDouble(random) > 0 ? 1.5 : -1.5, 3);
    const std::string expected = Bytes(Of(values));
    std::ranges::shuffle(values, random);
    std::vector<ExactSum> parts(1 + random() % 6);
    for (const double value : values) {
      ExactSum& part = parts[random() % parts.size()];
      const double passing = AnyDouble(random);
      part.Add(passing);
      part.Add(value);
      parts[random() % parts.size()].Subtract(passing);
    }
    ExactSum other;
    for (int i = 0; i < 20; ++i) other.Add(AnyDouble(random));
    ExactSum merged = other;
    for (const ExactSum& part : parts) merged.Merge(part);
    merged.Subtract(other);
    EXPECT_EQ(Bytes(merged), expected);
    merged.Subtract(merged);
    EXPECT_EQ(Bytes(merged), Bytes(ExactSum()));
    EXPECT_EQ(merged.Value(), 0);
  }
}

TEST(ExactSum, CarriesThroughManyMergesOfItself) {
  ExactSum sum;
  sum.Add(0.1);
  for (int i = 0; i < 60; ++i) sum.Merge(sum);
  EXPECT_EQ(sum.Value(), std::ldexp(0.1, 60));
  ExactSum largest;
  largest.Add(-std::numeric_limits<double>::max());
  for (int i = 0; i < 60; ++i) largest.Merge(largest);
  EXPECT_EQ(largest.Value(), -HUGE_VAL);
  const std::string bytes = Bytes(largest);
  Decoder in(bytes);
  EXPECT_EQ(Bytes(ExactSum::Decode(in)), bytes);
}

TEST(ExactSum, CountsApartWhatIsNotFinite) {
  ExactSum sum;
  sum.Add(2.5);
  for (const double value : {HUGE_VAL, -HUGE_VAL, static_cast<double>(NAN)}) sum.Add(value);
  EXPECT_EQ(sum.non_finite(), 3);
  EXPECT_TRUE(std::isnan(sum.Value()));
  sum.Subtract(HUGE_VAL);
  sum.Subtract(-HUGE_VAL);
  sum.Subtract(NAN);
  EXPECT_EQ(sum.non_finite(), 0);
  EXPECT_EQ(sum.Value(), 2.5);
  ExactSum plain;
  plain.Add(2.5);
  EXPECT_EQ(Bytes(sum), Bytes(plain));
}

TEST(ExactSum, SurvivesEncoding) {
  Random random(2);
  for (int trial = 0; trial < 100; ++trial) {
    ExactSum sum;
    for (int i = 0; i < trial; ++i) sum.Add(AnyDouble(random));
    const std::string bytes = Bytes(sum);
    Decoder in(bytes);
    ExactSum decoded = ExactSum::Decode(in);
    EXPECT_TRUE(in.AtEnd());
    EXPECT_EQ(Bytes(decoded), bytes);
    EXPECT_EQ(decoded.Value(), sum.Value());
    sum.Add(0.3);
    decoded.Add(0.3);
    EXPECT_EQ(Bytes(decoded), Bytes(sum));
  }
}

TEST(ExactSum, IsSmallForNumbersOfOneSize) {
  Random random(3);
  EXPECT_LE(Bytes(Of(testing::Normal(10'000, random, 1e6))).size(), 32);
}

}  // namespace
}  // namespace detectors
