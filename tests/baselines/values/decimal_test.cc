// Decimals are held to strtod bit for bit.
#include "baselines/values/decimal.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "baselines/values/short_decimal.h"

namespace baselines {
namespace {

void ExpectSameAsStrtod(const std::string& text) {
  double parsed = 12345;
  const bool ok = ParseDecimal(text.data(), text.data() + text.size(), parsed);
  const double expected = std::strtod(text.c_str(), nullptr);
  if (std::isinf(expected)) {
    ASSERT_FALSE(ok) << text;
    ASSERT_EQ(parsed, 12345) << text;
  } else {
    ASSERT_TRUE(ok) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(parsed), std::bit_cast<std::uint64_t>(expected)) << text;
  }
}

std::string Digits(std::mt19937_64& random, std::size_t count) {
  std::string digits;
  for (std::size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + random() % 10);
  return digits;
}

TEST(ParseDecimal, IsStrtodOnPrintedDoubles) {
  std::mt19937_64 random(1);
  char text[64];
  for (int i = 0; i < 300'000; ++i) {
    const double any = std::bit_cast<double>(random());
    if (!std::isfinite(any)) continue;
    std::snprintf(text, sizeof text, "%.17g", any);
    ExpectSameAsStrtod(text);
    const double usual = std::normal_distribution<>(0, 1000)(random);
    for (const char* format : {"%.6f", "%.18e", "%.3g", "%.12f"}) {
      std::snprintf(text, sizeof text, format, usual);
      ExpectSameAsStrtod(text);
    }
  }
}

TEST(ParseDecimal, IsStrtodOnRandomDigits) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 500'000; ++i) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text += Digits(random, random() % 12);
    if (random() % 4 != 0 || text.size() < 2) text += "." + Digits(random, 1 + random() % 22);
    if (random() % 3 == 0) text += (random() % 2 == 0 ? "e" : "E-") + std::to_string(random() % 330);
    ExpectSameAsStrtod(text);
  }
}

TEST(ParseDecimal, IsStrtodHalfwayBetweenDoubles) {
  for (const char* text :
       {"9007199254740993", "9007199254740992.5", "9007199254740993.0000000000000000000000001",
        "1.00000000000000011102230246251565404236316680908203125", "2.2250738585072011e-308", "2.2250738585072014e-308",
        "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308",
        "1.7976931348623159e308", "0.000000000000000000000000000000000000000000000001", "1e22", "1e23",
        "9007199254740991e22", "18446744073709551615", "18446744073709551616", "99999999999999999999",
        "0000000000000000000000000000001.5"}) {
    ExpectSameAsStrtod(text);
    ExpectSameAsStrtod(std::string("-") + text);
  }
}

TEST(ParseDecimal, LooksAtItsOwnBytesOnly) {
  const std::string text = "12345678901234567890";
  for (std::size_t length = 1; length <= text.size(); ++length) {
    double parsed = 0;
    ASSERT_TRUE(ParseDecimal(text.data(), text.data() + length, parsed));
    EXPECT_EQ(parsed, std::strtod(text.substr(0, length).c_str(), nullptr));
  }
}

// Short texts of every form that cells have, and of forms that they should not have, amid other text.
TEST(ParseShortDecimal, IsParseDecimalOrLeavesIt) {
  std::mt19937_64 random(11);
  constexpr std::string_view kStray = "+-.eE, :/x\"\xb0";
  int taken = 0, left = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    const std::size_t digits = 1 + random() % 18;
    std::string text = Digits(random, digits);
    if (random() % 4 != 0) text.insert(random() % (digits + 1), 1, '.');
    if (random() % 2 == 0) text.insert(0, 1, '-');
    if (random() % 8 == 0) text[random() % text.size()] = kStray[random() % kStray.size()];
    const std::string around = Digits(random, 8) + text + Digits(random, 16);
    const char* const begin = around.data() + 8;
    double expected = 0, parsed = 12345;
    const bool number = ParseDecimal(text.data(), text.data() + text.size(), expected);
    if (ParseShortDecimal(begin, begin + text.size(), parsed)) {
      ASSERT_TRUE(number) << text;
      ASSERT_EQ(std::bit_cast<std::uint64_t>(parsed), std::bit_cast<std::uint64_t>(expected)) << text;
      ++taken;
    } else {
      ASSERT_EQ(parsed, 12345) << text;
      left += number && digits <= 15 && text.find_first_of("eE+") == std::string::npos;
    }
  }
  EXPECT_GT(taken, 1'400'000);
  EXPECT_EQ(left, 0) << "numbers that are short but were not taken";
}

}  // namespace
}  // namespace baselines
