#include "alerts/delivery.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace alerts {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr auto kLookAgain = std::chrono::seconds(1);
// Above every wait of the schedule: a row due later than this was scheduled by a clock that was wrong.
constexpr nanoseconds kLongestWait = kLongestRetryAfter + std::chrono::hours(3);

constexpr const char* kNoTarget = "the target is not configured any more";

OutboxRow Dead(OutboxRow row) {
  row.state = OutboxRow::State::kDead;
  row.last_error = kNoTarget;
  return row;
}

Outcome Try(Target& target, const OutboxRow& row) {
  try {
    return target.Send(row);
  } catch (const std::exception&) {
    // Its text might quote a secret.
    return {Outcome::Kind::kRetry, "internal error", {}};
  }
}

}  // namespace

struct Delivery::State {
  struct Waiting {
    OutboxRow row;
    Steady::time_point latest;  // due by then, whatever the wall clock does
  };
  struct Lane {
    std::shared_ptr<Target> target;
    std::shared_ptr<Target> trying;  // while a try is in flight
    std::deque<Waiting> rows;        // the front one is the next, or in flight
    bool removed = false;
    std::condition_variable wake;
    std::thread thread;
  };

  WallClock clock;
  Random random;
  Report report;

  std::mutex joining;  // held by Stop alone
  mutable std::mutex mutex;
  // Everything below is protected by `mutex`; threads are joined after `stopping`, when nobody changes the lanes.
  bool stopping = false;
  std::map<std::string, std::unique_ptr<Lane>> lanes;
  std::vector<std::unique_ptr<Lane>> retired;

  void SetTargets(std::vector<std::shared_ptr<Target>> targets);
  Waiting Schedule(OutboxRow row) const;
  void Run(Lane& lane);
  bool WaitUntilDue(std::unique_lock<std::mutex>& lock, Lane& lane);
  void TryFront(std::unique_lock<std::mutex>& lock, Lane& lane);
};

void Delivery::State::SetTargets(std::vector<std::shared_ptr<Target>> targets) {
  const std::lock_guard lock(mutex);
  if (stopping) return;
  auto old = std::exchange(lanes, {});
  for (auto& target : targets) {
    const std::string name = target->name();
    auto& lane = lanes[name];
    if (const auto known = old.find(name); known != old.end()) {
      lane = std::move(known->second);
      old.erase(known);
    }
    if (lane == nullptr) {
      lane = std::make_unique<Lane>();
      lane->thread = std::thread([this, one = lane.get()] { Run(*one); });
    }
    lane->target = std::move(target);
  }
  for (auto& [name, lane] : old) {
    lane->removed = true;
    lane->wake.notify_one();
    retired.push_back(std::move(lane));
  }
}

Delivery::State::Waiting Delivery::State::Schedule(OutboxRow row) const {
  const std::int64_t wait_ns = row.next_attempt_ns - clock();
  const nanoseconds wait(std::clamp<std::int64_t>(wait_ns, 0, kLongestWait.count()));
  return {std::move(row), Steady::now() + wait};
}

void Delivery::State::Run(Lane& lane) {
  std::unique_lock lock(mutex);
  while (true) {
    lane.wake.wait(lock, [&] { return stopping || lane.removed || !lane.rows.empty(); });
    if (stopping) return;
    if (lane.removed) break;
    if (WaitUntilDue(lock, lane)) TryFront(lock, lane);
  }
  const auto rows = std::exchange(lane.rows, {});
  lock.unlock();
  for (const Waiting& waiting : rows) report(Dead(waiting.row));
}

bool Delivery::State::WaitUntilDue(std::unique_lock<std::mutex>& lock, Lane& lane) {
  const std::int64_t due_ns = lane.rows.front().row.next_attempt_ns;
  const Steady::time_point latest = lane.rows.front().latest;
  while (!stopping && !lane.removed) {
    const Steady::time_point now = Steady::now();
    if (now >= latest || clock() >= due_ns) return true;
    lane.wake.wait_until(lock, std::min<Steady::time_point>(latest, now + kLookAgain));
  }
  return false;
}

void Delivery::State::TryFront(std::unique_lock<std::mutex>& lock, Lane& lane) {
  OutboxRow row = lane.rows.front().row;
  lane.trying = lane.target;
  lock.unlock();
  const Outcome outcome = Try(*lane.trying, row);
  row = AfterTry(std::move(row), outcome, clock(), random());
  lock.lock();
  lane.trying.reset();
  if (stopping && outcome.kind == Outcome::Kind::kRetry) return;
  if (lane.removed && row.state == OutboxRow::State::kPending) row = Dead(std::move(row));
  if (row.state == OutboxRow::State::kPending) {
    lane.rows.front() = Schedule(row);
  } else {
    lane.rows.pop_front();
  }
  lock.unlock();
  report(row);
  lock.lock();
}

Delivery::Delivery(std::vector<std::shared_ptr<Target>> targets, WallClock clock, Random random, Report report)
    : state_(std::make_unique<State>()) {
  state_->clock = std::move(clock);
  state_->random = std::move(random);
  state_->report = std::move(report);
  state_->SetTargets(std::move(targets));
}

Delivery::~Delivery() { Stop(); }

void Delivery::Enqueue(std::vector<OutboxRow> rows) {
  std::vector<OutboxRow> homeless;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return;
    for (OutboxRow& row : rows) {
      const auto lane = state_->lanes.find(row.target);
      if (lane == state_->lanes.end()) {
        homeless.push_back(Dead(std::move(row)));
      } else {
        lane->second->rows.push_back(state_->Schedule(std::move(row)));
      }
    }
    for (const auto& [name, lane] : state_->lanes) lane->wake.notify_one();
  }
  for (const OutboxRow& row : homeless) state_->report(row);
}

void Delivery::SetTargets(std::vector<std::shared_ptr<Target>> targets) { state_->SetTargets(std::move(targets)); }

std::map<std::string, std::uint64_t> Delivery::pending() const {
  const std::lock_guard lock(state_->mutex);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [name, lane] : state_->lanes) counts[name] = lane->rows.size();
  return counts;
}

void Delivery::Stop() {
  const std::lock_guard joining(state_->joining);
  std::vector<State::Lane*> lanes;
  std::vector<std::shared_ptr<Target>> trying;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (const auto& [name, lane] : state_->lanes) lanes.push_back(lane.get());
    for (const auto& lane : state_->retired) lanes.push_back(lane.get());
    for (State::Lane* lane : lanes) {
      if (lane->trying) trying.push_back(lane->trying);
      lane->wake.notify_one();
    }
  }
  for (const auto& target : trying) target->Interrupt();
  for (State::Lane* lane : lanes) {
    if (lane->thread.joinable()) lane->thread.join();
  }
}

}  // namespace alerts
