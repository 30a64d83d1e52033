#include "alerts/outbox.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace alerts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::int64_t kNow = 1'700'000'000'000'000'000;

std::int64_t WaitAfter(int attempts, double random, std::optional<seconds> retry_after = {}) {
  return RetryAt(attempts, kNow, random, retry_after).value() - kNow;
}

void ExpectNear(std::int64_t wait_ns, std::int64_t expected_ns) {
  EXPECT_LE(std::abs(wait_ns - expected_ns), 100) << wait_ns << " is not " << expected_ns;  // rounding of the jitter
}

TEST(RetryAt, FollowsTheScheduleOfStandardWebhooks) {
  const seconds kWaits[] = {seconds(0), seconds(5), minutes(5), minutes(30), hours(2),
                            hours(5),   hours(10),  hours(14),  hours(20),   hours(24)};
  for (int attempts = 0; attempts < 10; ++attempts) {
    const std::int64_t wait = nanoseconds(kWaits[attempts]).count();
    ExpectNear(WaitAfter(attempts, 0.5), wait);
    ExpectNear(WaitAfter(attempts, 0), wait / 10 * 9);
    ExpectNear(WaitAfter(attempts, 1), wait / 10 * 11);
  }
  EXPECT_EQ(RetryAt(10, kNow, 0.5, {}), std::nullopt);
  EXPECT_EQ(RetryAt(10, kNow, 0.5, seconds(1)), std::nullopt);
}

TEST(RetryAt, HonoursRetryAfter) {
  EXPECT_EQ(WaitAfter(1, 0, seconds(60)), nanoseconds(seconds(60)).count()) << "never earlier than asked for";
  ExpectNear(WaitAfter(3, 0.5, seconds(60)), nanoseconds(minutes(30)).count());  // the schedule waits longer
  EXPECT_EQ(WaitAfter(1, 0, hours(24 * 365)), nanoseconds(hours(24)).count());
  ExpectNear(WaitAfter(1, 0.5, seconds(-5)), nanoseconds(seconds(5)).count());
}

TEST(AfterTry, MakesTheNextRow) {
  OutboxRow row;
  row.body = "body";
  row.last_error = "HTTP 503";

  const OutboxRow delivered = AfterTry(row, {}, kNow, 0.5);
  EXPECT_EQ(delivered.state, OutboxRow::State::kDelivered);
  EXPECT_EQ(delivered.attempts, 1);
  EXPECT_EQ(delivered.last_error, "");

  const OutboxRow dead = AfterTry(row, {Outcome::Kind::kGiveUp, "HTTP 404", {}}, kNow, 0.5);
  EXPECT_EQ(dead.state, OutboxRow::State::kDead);
  EXPECT_EQ(dead.last_error, "HTTP 404");

  OutboxRow retried = row;
  for (int attempts = 1; attempts < 10; ++attempts) {
    retried = AfterTry(retried, {Outcome::Kind::kRetry, "HTTP 500", {}}, kNow, 0.5);
    EXPECT_EQ(retried.state, OutboxRow::State::kPending);
    EXPECT_EQ(retried.attempts, attempts);
    EXPECT_EQ(retried.next_attempt_ns, RetryAt(attempts, kNow, 0.5, {}));
  }
  retried = AfterTry(retried, {Outcome::Kind::kRetry, "HTTP 500", {}}, kNow, 0.5);
  EXPECT_EQ(retried.state, OutboxRow::State::kDead);
  EXPECT_EQ(retried.attempts, 10);
  EXPECT_EQ(retried.last_error, "HTTP 500");
  EXPECT_EQ(retried.body, "body");
}

}  // namespace
}  // namespace alerts
