#include "monitor/judge/watermark.h"

#include <gtest/gtest.h>

namespace monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLateness = 10 * kSecond;
constexpr std::int64_t kIdle = 60 * kSecond;
const ShardId kA{"t", 0}, kB{"t", 1};

TEST(WatermarkTest, TheLeastShardDecidesAndItNeverStepsBack) {
  Watermark mark(kLateness, kIdle);
  mark.AddShard(kA, std::nullopt, 0);
  mark.AddShard(kB, std::nullopt, 0);
  mark.Observe(kA, 100 * kSecond, 0);
  EXPECT_EQ(mark.value(), Watermark::kNone);
  mark.Observe(kB, 50 * kSecond, 0);
  EXPECT_EQ(mark.value(), 40 * kSecond);
  mark.AddShard({"t", 2}, std::nullopt, 0);
  EXPECT_EQ(mark.value(), 40 * kSecond);
}

TEST(WatermarkTest, AnIdleShardDoesNotHoldTheModelBack) {
  Watermark mark(kLateness, kIdle);
  mark.AddShard(kA, std::nullopt, 0);
  mark.AddShard(kB, std::nullopt, 0);
  mark.Observe(kA, 100 * kSecond, 70 * kSecond);
  mark.BeginProbe();
  mark.EndProbe({kB}, 70 * kSecond);
  EXPECT_EQ(mark.value(), 90 * kSecond);
}

TEST(WatermarkTest, ABacklogIsNeverIdleness) {
  Watermark mark(kLateness, kIdle);
  mark.AddShard(kA, std::nullopt, 0);
  mark.AddShard(kB, std::nullopt, 0);
  mark.Observe(kA, 100 * kSecond, 0);
  mark.BeginProbe();
  mark.EndProbe({kA}, 1000 * kSecond);  // B is not at the end of its log
  EXPECT_EQ(mark.value(), Watermark::kNone);
}

TEST(WatermarkTest, RecordsThatCameAfterTheProbeBeganDoNotCloseAnIdleShardsPanes) {
  Watermark mark(kLateness, kIdle);
  mark.AddShard(kA, 100 * kSecond, 0);
  mark.AddShard(kB, 100 * kSecond, 0);
  mark.BeginProbe();
  // A burst reaches both partitions; A's part is merged first, B was at its end when the probe asked.
  mark.Observe(kA, 900 * kSecond, 100 * kSecond);
  mark.EndProbe({kA, kB}, 100 * kSecond);
  EXPECT_EQ(mark.value(), 90 * kSecond);
  mark.BeginProbe();
  mark.EndProbe({}, 101 * kSecond);  // the next probe sees what was written to B
  EXPECT_EQ(mark.value(), 90 * kSecond);
  mark.Observe(kB, 800 * kSecond, 102 * kSecond);
  EXPECT_EQ(mark.value(), 790 * kSecond);
}

TEST(WatermarkTest, WhenAllShardsAreIdleItGoesOnWithTheWallClock) {
  Watermark mark(kLateness, kIdle);
  mark.AddShard(kA, std::nullopt, 0);
  mark.Observe(kA, 100 * kSecond, 0);
  mark.BeginProbe();
  mark.EndProbe({kA}, 60 * kSecond);
  EXPECT_TRUE(mark.all_idle());
  EXPECT_EQ(mark.value(), 90 * kSecond);
  mark.BeginProbe();
  mark.EndProbe({kA}, 75 * kSecond);
  EXPECT_EQ(mark.value(), 105 * kSecond);
  mark.Observe(kA, 101 * kSecond, 76 * kSecond);
  EXPECT_FALSE(mark.all_idle());
  EXPECT_EQ(mark.value(), 105 * kSecond);
}

}  // namespace
}  // namespace monitor
