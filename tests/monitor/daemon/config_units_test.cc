#include "monitor/daemon/config/units.h"

#include <gtest/gtest.h>

#include "monitor/daemon/config/config.h"

namespace monitor {
namespace {

using namespace std::chrono_literals;

TEST(UnitsTest, ReadsDurations) {
  const std::pair<const char*, std::chrono::nanoseconds> good[] = {
      {"90s", 90s},       {"15m", 15min},   {"6h", 6h}, {"7d", 168h},
      {"1h30m", 90min},   {"500ms", 500ms}, {"0s", 0s}, {"1d2h3m4s5ms", 26h + 3min + 4s + 5ms},
      {"36525d", 876600h}};
  for (const auto& [text, expected] : good) EXPECT_EQ(DurationFrom(text), expected) << text;
  for (const char* text : {"",
                           "5",
                           "s",
                           "5 s",
                           " 5s",
                           "5s ",
                           "5x",
                           "5S",
                           "-5s",
                           "+5s",
                           "1.5h",
                           "1m1h",
                           "1s1s",
                           "5sm",
                           "1w",
                           "36526d",
                           "99999999999999999999d",
                           "9223372036854775807ms",
                           "1e3s",
                           "0x5s"}) {
    EXPECT_EQ(DurationFrom(text), std::nullopt) << text;
  }
}

TEST(UnitsTest, WritesDurationsAsTheyAreRead) {
  for (const char* text : {"7d", "1h30m", "90ms", "1m30s", "0s", "36525d"})
    EXPECT_EQ(DurationText(*DurationFrom(text)), text);
}

TEST(UnitsTest, ReadsSizes) {
  const std::pair<const char*, std::uint64_t> good[] = {{"0", 0},
                                                        {"4096", 4096},
                                                        {"64KiB", 64u << 10},
                                                        {"512MiB", 512u << 20},
                                                        {"2GiB", 2ull << 30},
                                                        {"1TiB", 1ull << 40},
                                                        {"18446744073709551615", ~0ull}};
  for (const auto& [text, expected] : good) EXPECT_EQ(SizeFrom(text), expected) << text;
  for (const char* text : {"", "MiB", "5 MiB", "5MB", "5mib", "-5", "1.5GiB", "18446744073709551616", "16777216TiB",
                           "99999999999999999999KiB"}) {
    EXPECT_EQ(SizeFrom(text), std::nullopt) << text;
  }
}

TEST(UnitsTest, NamesThePlaceOfWhatIsWrong) {
  try {
    ParseDuration("5 days", "c.yaml:3: window");
    FAIL();
  } catch (const ConfigError& fault) {
    EXPECT_STREQ(fault.what(),
                 "c.yaml:3: window: `5 days` is no duration; write a number with its unit, like 90s, 15m, 6h or 7d");
  }
  EXPECT_THROW(ParseSize("5MB", "x"), ConfigError);
  EXPECT_EQ(ParseSize("5MiB", "x"), 5u << 20);
}

}  // namespace
}  // namespace monitor
