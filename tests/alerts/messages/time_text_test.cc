#include "alerts/messages/time_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace alerts {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kApril = 1'366'588'800 * kSecond;

TEST(TimeText, FormatsRfc3339) {
  EXPECT_EQ(FormatTime(kApril), "2013-04-22T00:00:00Z");
  EXPECT_EQ(FormatTime(kApril + 500'000'000), "2013-04-22T00:00:00.500Z");
  EXPECT_EQ(FormatTime(kApril + 1'000), "2013-04-22T00:00:00.000001Z");
  EXPECT_EQ(FormatTime(kApril + 1), "2013-04-22T00:00:00.000000001Z");
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(FormatTime(951'782'400 * kSecond), "2000-02-29T00:00:00Z");
  EXPECT_EQ(FormatTime(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(FormatTime(std::numeric_limits<std::int64_t>::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(FormatTimeForPeople(kApril + 61 * kSecond), "2013-04-22 00:01 UTC");
}

TEST(TimeText, FormatsDurationsInTwoUnitsAtMost) {
  const struct {
    std::int64_t ns;
    const char* text;
  } kCases[] = {
      {0, "0 s"},
      {kSecond / 4, "250 ms"},
      {1, "0 s"},
      {kSecond, "1 s"},
      {60 * kSecond, "1 min"},
      {90 * kSecond, "90 s"},
      {150 * kSecond, "2 min 30 s"},
      {300 * kSecond, "5 min"},
      {3'600 * kSecond, "1 h"},
      {5'400 * kSecond, "1 h 30 min"},
      {7 * 86'400 * kSecond, "7 d"},
      {30 * 3'600 * kSecond, "1 d 6 h"},
      {86'400 * kSecond + 300 * kSecond, "1 d"},
      {-300 * kSecond, "-5 min"},
      {std::numeric_limits<std::int64_t>::min(), "-106751 d 23 h"},
  };
  for (const auto& c : kCases) EXPECT_EQ(FormatDuration(c.ns), c.text) << c.ns;
}

}  // namespace
}  // namespace alerts
