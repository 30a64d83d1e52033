#include "baselines/values/timestamp.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>

#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(TimestampTest, ReadsRfc3339InItsUsualForms) {
  const std::int64_t expected = 1362146400 * kSecond;  // 2013-03-01T14:00:00Z
  for (const char* text : {"2013-03-01T14:00:00Z", "2013-03-01 14:00:00", "2013-03-01t14:00:00z", "2013-03-01T14:00",
                           "2013-03-01T09:00:00-05:00", "2013-03-01T15:30:00+01:30", "2013-03-01T14:00:00.000Z",
                           " 2013-03-01T14:00:00Z ", "2013-03-01 15:00:00 +0100"}) {
    EXPECT_EQ(baselines::ParseTimestamp(text), expected) << text;
  }
  EXPECT_EQ(baselines::ParseTimestamp("2013-03-01"), 1362096000 * kSecond);
  EXPECT_EQ(baselines::ParseTimestamp("2013-03-01T14:00:00.123456789Z"), expected + 123456789);
  EXPECT_EQ(baselines::ParseTimestamp("2012-06-30T23:59:60Z"), baselines::ParseTimestamp("2012-06-30T23:59:59Z"));
}

// Times that end in Z have a path of their own, those in z go the general way.
TEST(TimestampTest, TheUsualFormIsReadAsTheGeneralWayReadsIt) {
  std::mt19937 random(4);
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random()) % n; };
  int read = 0;
  for (int trial = 0; trial < 300'000; ++trial) {
    char text[64];
    std::snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u", below(3) == 0 ? below(10'000) : 1970 + below(80),
                  below(14), below(33), below(25), below(61), below(62));
    std::string body = text;
    if (below(2) == 0) {
      body += '.';
      for (unsigned digits = 1 + below(4); digits > 0; --digits) body += static_cast<char>('0' + below(10));
    }
    if (below(4) == 0) body[below(static_cast<unsigned>(body.size()))] = static_cast<char>(below(256));
    const auto usual = baselines::ParseTimestamp(body + "Z");
    ASSERT_EQ(usual, baselines::ParseTimestamp(body + "z")) << body;
    read += usual ? 1 : 0;
  }
  EXPECT_GT(read, 100'000);
}

TEST(TimestampTest, NumbersAreSecondsBelow1e11AndMillisecondsFromThereOn) {
  EXPECT_EQ(baselines::TimestampOfNumber("1362146400"), 1362146400 * kSecond);
  EXPECT_EQ(baselines::ParseTimestamp("1362146400"), 1362146400 * kSecond);
  EXPECT_EQ(baselines::TimestampOfNumber("1362146400000"), 1362146400 * kSecond);
  EXPECT_EQ(baselines::TimestampOfNumber("1362146400.5"), 1362146400 * kSecond + kSecond / 2);
  EXPECT_EQ(baselines::TimestampOfNumber("100000000000"), 100000000 * kSecond);
  EXPECT_EQ(baselines::TimestampOfNumber("-1"), -kSecond);
}

TEST(TimestampTest, RefusesWhatIsNoTimeOrBeyond64BitNanoseconds) {
  for (const char* text : {"", "yesterday", "2013-13-01T00:00:00Z", "2013-02-30T00:00:00Z", "2013-03-01T24:00:00Z",
                           "2013-03-01T14:00:00+25:00", "9999-12-31T23:59:59Z", "2262-04-11T23:47:17Z", "1e300",
                           "1e400", "2013-03-01T14:00:00X", "2013-03-01T14:00:00."}) {
    EXPECT_EQ(baselines::ParseTimestamp(text), std::nullopt) << text;
  }
  EXPECT_TRUE(baselines::ParseTimestamp("2262-04-11T23:47:16Z").has_value());
}

TEST(TimestampTest, FloorsTowardsThePastAlsoBefore1970) {
  EXPECT_EQ(FloorTo(7, 5), 5);
  EXPECT_EQ(FloorTo(-1, 5), -5);
  EXPECT_EQ(FloorTo(-5, 5), -5);
  EXPECT_EQ(SaturatingAdd(INT64_MAX, 1), INT64_MAX);
  EXPECT_EQ(SaturatingAdd(INT64_MIN, -1), INT64_MIN);
}

}  // namespace
}  // namespace monitor
