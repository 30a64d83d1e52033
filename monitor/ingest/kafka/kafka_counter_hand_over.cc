// When a counter hands over what it holds.
#include <chrono>

#include "monitor/ingest/kafka/kafka_reading.h"

namespace monitor {
namespace {

constexpr auto kHandOverEvery = std::chrono::seconds(1);
constexpr auto kHandOverFor = std::chrono::milliseconds(5);  // between two polls, where several are due
constexpr auto kOverdue = 2 * kHandOverEvery;
constexpr auto kSafeCopies = std::chrono::seconds(1);  // to wait for them where everything is to be handed over

}  // namespace

// Goes on behind the shard that was last, so that none waits for ever where there is not time or room for all.
void KafkaCounter::HandOverDue() {
  const auto began = std::chrono::steady_clock::now();
  auto now = began;
  std::size_t held = 0;
  for (const auto& [shard, reading] : readings_) held += reading->counter.bytes();
  left_due_ = full_ = false;
  auto next = last_handed_over_ ? readings_.upper_bound(*last_handed_over_) : readings_.begin();
  for (std::size_t left = readings_.size(); left > 0; --left, ++next) {
    if (next == readings_.end()) next = readings_.begin();
    auto& [shard, reading] = *next;
    const auto since = now - reading->handed_over;
    const bool must = reading->counter.large() || (held > kMostHeld && reading->counter.dirty());
    const bool due = reading->counter.worth_counting() || (since >= kHandOverEvery && reading->counter.dirty());
    if (!must && !due) continue;
    if (!must && !(tally_.HasRoom() && hand_over_.has_room())) {
      left_due_ = true;
      return;
    }
    // Offsets must not move past a reject whose copy could still be lost; the newest copies are on their way.
    if (dead_letters_ && !dead_letters_->Flush(must || since >= kOverdue ? kSafeCopies : std::chrono::seconds(0))) {
      left_due_ = true;
      full_ = must;
      return;
    }
    tally_.Push(reading->counter.Take());
    last_handed_over_ = shard;
    now = reading->handed_over = std::chrono::steady_clock::now();
    if (now - began >= kHandOverFor) {
      left_due_ = true;
      return;
    }
  }
}

bool KafkaCounter::HandOverAll() {
  if (dead_letters_ && !dead_letters_->Flush(kSafeCopies)) return false;
  for (auto& [shard, reading] : readings_) {
    if (reading->counter.dirty()) tally_.Push(reading->counter.Take());
  }
  tally_.Drain();
  return true;
}

}  // namespace monitor
