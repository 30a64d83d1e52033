// When runs are looked at, and what is told of them.
#include "alerts/retrain_run.h"

#include <gtest/gtest.h>

namespace alerts {
namespace {

using namespace std::chrono_literals;
using Kind = RunStatus::Kind;

constexpr std::int64_t kAccepted = 1'700'000'000'000'000'000;
const RunWatch::Steady::time_point kBegin{};
const RetrainRun kRun{"r1", "airflow", "dag/run", kAccepted};

std::int64_t WallAt(RunWatch::Steady::time_point now) {
  return kAccepted + std::chrono::nanoseconds(now - kBegin).count();
}

TEST(RunWatch, LooksSeldomAndGivesUpAfterAWeek) {
  RunWatch watch;
  EXPECT_FALSE(watch.next());
  watch.Add(kRun, kBegin);
  watch.Add(kRun, kBegin + 1h);  // known already
  ASSERT_EQ(watch.next(), kBegin + 5s);
  EXPECT_FALSE(watch.Due(kBegin + 4s));
  int looks = 0, told = 0, first_hour = 0;
  std::optional<RunStatus> last;
  std::chrono::nanoseconds longest{};
  auto now = kBegin;
  while (const auto next = watch.next()) {
    longest = std::max<std::chrono::nanoseconds>(longest, *next - now);
    now = *next;
    ASSERT_EQ(watch.Due(now), kRun);
    ++looks;
    first_hour += now - kBegin <= 1h ? 1 : 0;
    if (const auto news = watch.Take(kRun, {Kind::kRunning}, WallAt(now), now)) ++told, last = news;
  }
  EXPECT_EQ(told, 2) << "that it runs, and that it was given up";
  EXPECT_EQ(last->kind, Kind::kGivenUp);
  EXPECT_EQ(last->reason, "no end within 7 d");
  EXPECT_EQ(longest, 10min);
  EXPECT_LE(first_hour, 60);
  EXPECT_LE(looks, 60 + 7 * 24 * 6);
  EXPECT_GE(now - kBegin, 7 * 24h);
  EXPECT_LE(now - kBegin, 7 * 24h + 10min);
}

TEST(RunWatch, TellsWhatChangesAndHonoursRetryAfter) {
  RunWatch watch;
  watch.Add(kRun, kBegin);
  auto now = kBegin + 5s;
  EXPECT_EQ(watch.Take(kRun, {Kind::kUnknown, "HTTP 503"}, WallAt(now), now)->reason, "HTTP 503");
  EXPECT_FALSE(watch.Take(kRun, {Kind::kUnknown, "HTTP 503"}, WallAt(now), now)) << "told already";
  EXPECT_TRUE(watch.Take(kRun, {Kind::kUnknown, "HTTP 429", 90s}, WallAt(now), now));
  EXPECT_EQ(watch.next(), now + 90s);
  EXPECT_EQ(watch.Take(kRun, {Kind::kRunning}, WallAt(now), now)->kind, Kind::kRunning);
  EXPECT_EQ(watch.Take(kRun, {Kind::kFailed, "out of memory"}, WallAt(now), now)->reason, "out of memory");
  EXPECT_FALSE(watch.next()) << "over";
  EXPECT_FALSE(watch.Take(kRun, {Kind::kSucceeded}, WallAt(now), now)) << "forgotten";
}

TEST(RunWatch, ARunThatEndedWhileNobodyLookedIsTold) {
  RunWatch watch;
  watch.Add(kRun, kBegin);
  const auto status =
      watch.Take(kRun, {Kind::kSucceeded}, kAccepted + std::chrono::nanoseconds(30 * 24h).count(), kBegin);
  EXPECT_EQ(status->kind, Kind::kSucceeded);
}

TEST(RunWatch, TheOneDueLongestComesFirst) {
  RunWatch watch;
  RetrainRun other = kRun;
  other.request = "r0";
  watch.Add(kRun, kBegin);
  watch.Add(other, kBegin + 1s);
  EXPECT_EQ(watch.Due(kBegin + 10s)->request, "r1");
}

}  // namespace
}  // namespace alerts
