// Parts of the week and the references of steps, against direct sums.
#include "detectors/evidence/seasons.h"

#include <gtest/gtest.h>

#include <numeric>

namespace detectors {
namespace {

constexpr std::int64_t kMonday = 1'361'750'400;  // 2013-02-25T00:00Z
constexpr std::int64_t kHour = 3'600;

TEST(Seasons, BeginOnMondayMidnight) {
  EXPECT_EQ(Seasons::SeasonAt(kMonday, Seasons::kHours), 0U);
  EXPECT_EQ(Seasons::SeasonAt(kMonday - 1, Seasons::kHours), 167U);
  EXPECT_EQ(Seasons::SeasonAt(0, Seasons::kHours), 3U * 24);  // 1970 began on a Thursday
  EXPECT_EQ(Seasons::SeasonAt(-kHour, Seasons::kHours), 3U * 24 - 1);
  EXPECT_EQ(Seasons::SeasonAt(kMonday + 5 * kHour, Seasons::kDayParts), 0U);
  EXPECT_EQ(Seasons::SeasonAt(kMonday + 6 * kHour, Seasons::kDayParts), 1U);
  EXPECT_EQ(Seasons::SeasonAt(kMonday + 5 * 24 * kHour, Seasons::kDayParts), 2U);
  EXPECT_EQ(Seasons::SeasonAt(kMonday + (6 * 24 + 17) * kHour, Seasons::kDayParts), 3U);
}

// Three cells over six bins; the second hour has thrice the rows of the first.
Seasons Three() {
  std::vector<double> rows(Seasons::kHours, 100);
  std::vector<float> shares;
  for (std::size_t hour = 0; hour < Seasons::kHours; ++hour) shares.insert(shares.end(), {0.5F, 0.25F, 0.25F});
  rows[1] = 300;
  shares[3] = 0.0F;
  shares[4] = 0.75F;
  return Seasons({1, 3}, rows, shares);
}

TEST(Seasons, ReferenceIsTheMixOfTheHoursOfTheStep) {
  const std::vector<std::uint64_t> baseline = {10, 30, 20, 20, 0, 50};
  using Counts = std::vector<std::uint64_t>;
  // 50 rows of the first cell as 10 to 30, and so on.
  EXPECT_EQ(Three().Reference(baseline, kMonday, kMonday + kHour), (Counts{13, 37, 13, 12, 0, 25}));
  EXPECT_EQ(Three().Reference(baseline, kMonday + kHour, kMonday + 2 * kHour), (Counts{0, 0, 113, 112, 0, 75}));
  const Counts both = Three().Reference(baseline, kMonday, kMonday + 2 * kHour);
  EXPECT_EQ(std::accumulate(both.begin(), both.end(), 0U), 400U);
  EXPECT_EQ(both[0] + both[1], 50U);
  const Counts week = Three().Reference(baseline, kMonday, kMonday + 3 * Seasons::kWeekSeconds);
  EXPECT_EQ(std::accumulate(week.begin(), week.end(), 0U), 167U * 100 + 300);
}

TEST(Seasons, SurviveTheirBytesAndRefuseDamagedOnes) {
  Encoder out;
  Three().Encode(out);
  Decoder in(out.bytes());
  EXPECT_EQ(Seasons::Decode(in), Three());  // the shares are multiples of 2^-20
  for (std::size_t cut = 0; cut < out.bytes().size(); cut += 7) {
    Decoder damaged(std::string_view(out.bytes()).substr(0, cut));
    EXPECT_THROW(Seasons::Decode(damaged), DecodeError) << cut;
  }
  EXPECT_THROW(Seasons({3, 1}, std::vector<double>(4), std::vector<float>(12)), std::invalid_argument);
  EXPECT_THROW(Seasons({1}, std::vector<double>(5), std::vector<float>(10)), std::invalid_argument);
}

}  // namespace
}  // namespace detectors
