// Seasons are found where there are some, and only there.
#include "baselines/build/seasonality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

constexpr std::int64_t kMonday = 1'361'750'400;  // 2013-02-25T00:00Z

// Forty rows an hour: `flat` columns without seasons and `cycle`, whose mean has a daily cycle of `amplitude` standard
// deviations, highest at noon.
Profile Build(int days, int flat, double amplitude) {
  std::mt19937_64 random(7);
  std::normal_distribution<> normal;
  std::string text = "timestamp,cycle";
  for (int column = 0; column < flat; ++column) text += ",f" + std::to_string(column);
  text += "\n";
  for (int row = 0; row < days * 24 * 40; ++row) {
    const std::int64_t seconds = kMonday + 90 * row;
    const double phase = 2 * std::numbers::pi * static_cast<double>(seconds % 86'400) / 86'400;
    text += std::to_string(seconds) + "," + std::to_string(normal(random) - amplitude * std::cos(phase));
    for (int column = 0; column < flat; ++column) text += "," + std::to_string(normal(random));
    text += "\n";
  }
  const TemporaryFile csv(text);
  return BuildProfile(csv.path(), {});
}

double LargestOfHours(const ProfileColumn& column) {
  for (const auto& rung : column.value_steps.rungs())
    if (rung.step_s == 3'600) return static_cast<double>(std::ranges::max(rung.effects));
  return 0;
}

TEST(Seasonality, ADailyCycleIsFoundAndTakenOutOfTheDesignEffect) {
  const Profile profile = Build(28, 1, 0.7);
  const ProfileColumn& cycle = *profile.Find("cycle");
  ASSERT_TRUE(cycle.seasons);
  EXPECT_EQ(cycle.seasons->cells.seasons(), detectors::Seasons::kHours);
  // n·A²/2 of a variance of 1 + A²/2: 1 + 40·0.245/1.245.
  EXPECT_NEAR(cycle.seasons->effect_without, 8.9, 1.2);
  EXPECT_LT(LargestOfHours(cycle), 2);
  EXPECT_FALSE(profile.Find("f0")->seasons);
  const Profile read = ProfileFromJson(ProfileToJson(profile), "test");
  EXPECT_EQ(read.Find("cycle")->seasons->cells.seasons(), detectors::Seasons::kHours);
  EXPECT_EQ(Digest(read), profile.digest);
}

TEST(Seasonality, AFortnightIsEnoughForNightsAndDays) {
  const Profile profile = Build(14, 0, 0.7);
  ASSERT_TRUE(profile.Find("cycle")->seasons);
  EXPECT_EQ(profile.Find("cycle")->seasons->cells.seasons(), detectors::Seasons::kDayParts);
  EXPECT_FALSE(Build(5, 0, 0.7).Find("cycle")->seasons);
}

TEST(Seasonality, NoiseHasNone) {
  for (const int days : {10, 28}) {
    const Profile profile = Build(days, 12, 0);
    for (const ProfileColumn& column : profile.features) EXPECT_FALSE(column.seasons) << column.name << " " << days;
  }
}

}  // namespace
}  // namespace baselines
