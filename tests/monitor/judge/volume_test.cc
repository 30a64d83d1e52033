// The size of traffic: daily and weekly cycles are none, a halved or doubled one is told, the budget is kept.
#include "monitor/judge/evidence/volume_monitor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "monitor/judge/evidence/alarm_shares.h"

namespace monitor {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kMonday = 1'357'516'800'000'000'000;  // 2013-01-07
constexpr double kMonth = 720;                               // steps

// Hourly Poisson counts around a day that swings by 80 % and weekends of 60 %, times log-normal noise that hours share
// with their neighbours (AR(1) 0.8, 5 %) and days have of their own (5 %).
class Stream {
 public:
  Stream(std::uint64_t seed, double mean) : random_(seed), mean_(mean) {}

  alerts::Observation::Verdict Hour(double factor = 1) {
    std::normal_distribution<> normal;
    if (hour_ % 24 == 0) day_ = std::exp(0.05 * normal(random_));
    noise_ = 0.8 * noise_ + 0.6 * normal(random_);
    const double of_day = 1 + 0.8 * std::sin(2 * std::numbers::pi * static_cast<double>(hour_ % 24 - 8) / 24);
    const double of_week = hour_ / 24 % 7 >= 5 ? 0.6 : 1;
    const double mean = mean_ * of_day * of_week * day_ * std::exp(0.05 * noise_) * factor;
    const auto records = static_cast<std::uint64_t>(std::poisson_distribution<>(mean)(random_));
    monitor.AddStep({kMonday + hour_++ * kHour, kHour, records, kMonth / kVolumeShare});
    newest = monitor.Finding();
    return newest ? newest->verdict : alerts::Observation::Verdict::kClear;
  }
  std::int64_t hours() const { return hour_; }

  VolumeMonitor monitor;
  std::optional<alerts::Observation> newest;

 private:
  std::mt19937_64 random_;
  double mean_, day_ = 1, noise_ = 0;
  std::int64_t hour_ = 0;
};

// 80 streams of eight weeks are 149 months of which the first nine days say nothing: at 0.02 a month three alarms are
// expected at most, and a Poisson count of that mean is above 9 once in 1,000 times.
TEST(VolumeTest, CyclesAndTheNoiseOfRealTrafficStayWithinTheBudget) {
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    Stream stream(seed, seed % 2 == 0 ? 20 : 2000);
    bool before = false;
    while (stream.hours() < 8 * 168) {
      const bool firing = stream.Hour() == alerts::Observation::Verdict::kViolated;
      alarms += firing && !before ? 1 : 0;
      before = firing;
    }
  }
  EXPECT_LE(alarms, 9);
}

TEST(VolumeTest, HalvedAndDoubledTrafficIsToldWithinADayAndAHalfAndEndsWithIt) {
  for (const double factor : {0.5, 2.0}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Stream stream(seed, 1000);
      while (stream.hours() < 5 * 168 + 9) stream.Hour();
      const std::int64_t change = stream.hours();
      while (stream.Hour(factor) != alerts::Observation::Verdict::kViolated && stream.hours() < change + 100) continue;
      EXPECT_LE(stream.hours() - change, 36) << factor << " seed " << seed;
      ASSERT_TRUE(stream.newest);
      EXPECT_EQ(stream.newest->monitor, "volume");
      EXPECT_EQ(stream.newest->severity, alerts::Severity::kWarning) << stream.newest->summary;
      EXPECT_GE(*stream.newest->evidence, 1);
      EXPECT_NEAR(static_cast<double>(stream.newest->began_at_ns - kMonday) / kHour, static_cast<double>(change), 6);
      const std::int64_t back = stream.hours();
      while (stream.Hour() != alerts::Observation::Verdict::kClear && stream.hours() < back + 200) continue;
      EXPECT_LE(stream.hours() - back, 48) << factor << " seed " << seed;
    }
  }
}

TEST(VolumeTest, AnAcceptedSizeIsUsualAtOnceAndCanBeTakenBack) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Stream stream(seed, 1000);
    while (stream.hours() < 5 * 168 + 9) stream.Hour();
    while (stream.Hour(2) != alerts::Observation::Verdict::kViolated) ASSERT_LT(stream.hours(), 6 * 168);
    EXPECT_FALSE(VolumeMonitor().Accept()) << "nothing is expected yet";
    EXPECT_FALSE(stream.monitor.UndoAccept()) << "nothing was accepted";
    ASSERT_TRUE(stream.monitor.Accept());
    Stream taken_back = stream;
    for (int hour = 0; hour < 48; ++hour)
      EXPECT_EQ(stream.Hour(2), alerts::Observation::Verdict::kClear) << seed << " hour " << hour;
    const std::int64_t back = stream.hours();
    while (stream.Hour() != alerts::Observation::Verdict::kViolated && stream.hours() < back + 100) continue;
    EXPECT_LE(stream.hours() - back, 48) << "a return to the old size is a change, seed " << seed;
    ASSERT_TRUE(taken_back.monitor.UndoAccept());
    for (int hour = 0; hour < 48; ++hour)
      EXPECT_EQ(taken_back.Hour(), alerts::Observation::Verdict::kClear) << seed << " hour " << hour;
  }
}

TEST(VolumeTest, SaysNothingBeforeItHasSeenAWeekAndTwoDaysOfItsOwnForecasts) {
  Stream stream(1, 1000);
  for (int hour = 0; hour < 9 * 24; ++hour) {
    stream.Hour(hour < 5 * 24 ? 1 : 0.1);
    EXPECT_FALSE(stream.newest) << hour;
  }
}

TEST(VolumeTest, StoredInTheMiddleItGoesOnToTheSameBytes) {
  const auto bytes = [](const VolumeMonitor& monitor) {
    detectors::Encoder out;
    monitor.Encode(out);
    return out.Take();
  };
  Stream stream(3, 300);
  for (int hour = 0; hour < 1000; ++hour) {
    stream.Hour(hour < 700 || hour > 800 ? 1 : 3);
    if (hour % 37 != 0) continue;
    const std::string stored = bytes(stream.monitor);
    detectors::Decoder in(stored);
    VolumeMonitor copy = VolumeMonitor::Decode(in), original = stream.monitor;
    EXPECT_TRUE(in.AtEnd());
    const VolumeMonitor::Step next{kMonday + stream.hours() * kHour, kHour, 77, 18'000};
    copy.AddStep(next);
    original.AddStep(next);
    EXPECT_EQ(bytes(copy), bytes(original)) << hour;
  }
}

}  // namespace
}  // namespace monitor
