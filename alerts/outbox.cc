#include "alerts/outbox.h"

#include <algorithm>
#include <array>

namespace alerts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Wait before each try, counted from the try before it.
constexpr std::array<seconds, 10> kWaits{seconds(0), seconds(5), minutes(5), minutes(30), hours(2),
                                         hours(5),   hours(10),  hours(14),  hours(20),   hours(24)};
constexpr double kJitter = 0.1;

}  // namespace

std::optional<std::int64_t> RetryAt(int attempts, std::int64_t now_ns, double random,
                                    std::optional<std::chrono::seconds> retry_after) {
  if (attempts < 0 || attempts >= static_cast<int>(kWaits.size())) return std::nullopt;
  const double factor = 1 - kJitter + 2 * kJitter * std::clamp(random, 0.0, 1.0);
  const nanoseconds wait = nanoseconds(kWaits[static_cast<std::size_t>(attempts)]);
  auto wait_ns = static_cast<std::int64_t>(static_cast<double>(wait.count()) * factor);
  if (retry_after) {
    const seconds wish = std::clamp(*retry_after, seconds(0), seconds(kLongestRetryAfter));
    wait_ns = std::max<std::int64_t>(wait_ns, nanoseconds(wish).count());
  }
  return now_ns + wait_ns;
}

OutboxRow AfterTry(OutboxRow row, const Outcome& outcome, std::int64_t now_ns, double random) {
  ++row.attempts;
  row.last_error = outcome.error;
  row.remember = outcome.remember;
  switch (outcome.kind) {
    case Outcome::Kind::kDelivered:
      row.state = OutboxRow::State::kDelivered;
      row.last_error.clear();
      break;
    case Outcome::Kind::kContinue:
      --row.attempts;
      row.next_attempt_ns = now_ns;
      break;
    case Outcome::Kind::kGone:
    case Outcome::Kind::kGiveUp:
      row.state = OutboxRow::State::kDead;
      break;
    case Outcome::Kind::kRetry:
      if (const auto due = RetryAt(row.attempts, now_ns, random, outcome.retry_after)) {
        row.next_attempt_ns = *due;
      } else {
        row.state = OutboxRow::State::kDead;
      }
      break;
  }
  return row;
}

}  // namespace alerts
