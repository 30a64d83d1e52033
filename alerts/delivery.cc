#include "alerts/delivery.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "alerts/circuit_breaker.h"

namespace alerts {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr auto kLookAgain = std::chrono::seconds(1);
// Above every wait of the schedule: a row due later than this was scheduled by a clock that was wrong.
constexpr nanoseconds kLongestWait = kLongestRetryAfter + std::chrono::hours(3);

constexpr const char* kNoTarget = "the target is not configured any more";
constexpr const char* kDisabled =
    "the target is disabled: it answered HTTP 410, the endpoint is gone; reload or restart to try it again";
constexpr auto kRest = std::chrono::hours(1);  // between two looks of an idle lane

OutboxRow Dead(OutboxRow row, const char* why) {
  row.state = OutboxRow::State::kDead;
  row.last_error = why;
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
    bool removed = false, disabled = false;
    bool in_flight = false;   // the front row
    bool drop_front = false;  // the row in flight was taken out
    std::map<std::string, std::string>
        memory;  // what tries of this run asked to be remembered, for a target of a reload
    CircuitBreaker breaker;
    RunWatch runs;
    Steady::time_point not_before{};  // spacing and circuit breaker
    Steady::time_point refresh_at{};
    std::condition_variable wake;
    std::thread thread;
  };

  WallClock clock;
  Random random;
  Report report;
  ReportRun report_run;

  std::mutex joining;  // held by Stop alone
  mutable std::mutex mutex;
  // Everything below is protected by `mutex`; threads are joined after `stopping`, when nobody changes the lanes.
  bool stopping = false;
  std::map<std::string, std::unique_ptr<Lane>> lanes;
  std::vector<std::unique_ptr<Lane>> retired;

  void SetTargets(std::vector<std::shared_ptr<Target>> targets);
  Waiting Schedule(OutboxRow row) const;
  void Run(Lane& lane);
  bool IsDue(const Lane& lane, Steady::time_point now) const;
  Steady::time_point NextLook(const Lane& lane, Steady::time_point now) const;
  void Refresh(std::unique_lock<std::mutex>& lock, Lane& lane);
  void Take(Lane& lane, OutboxRow row);
  void TryFront(std::unique_lock<std::mutex>& lock, Lane& lane);
  void LookAt(std::unique_lock<std::mutex>& lock, Lane& lane, const RetrainRun& run);
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
    for (const auto& [key, value] : lane->memory) lane->target->Recall(key, value);
    if (!lane->target->follows_runs()) lane->runs = {};
    lane->disabled = false;
    lane->not_before = {};
    lane->refresh_at = {};
    lane->wake.notify_one();
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
  while (!stopping && !lane.removed) {
    const Steady::time_point now = Steady::now();
    if (lane.target->refresh_interval().count() > 0 && now >= lane.refresh_at && !lane.disabled) {
      Refresh(lock, lane);
    } else if (lane.disabled && !lane.rows.empty()) {
      OutboxRow row = Dead(std::move(lane.rows.front().row), kDisabled);
      lane.rows.pop_front();
      lock.unlock();
      report(row);
      lock.lock();
    } else if (IsDue(lane, now)) {
      TryFront(lock, lane);
    } else if (const std::optional<RetrainRun> run = lane.runs.Due(now)) {
      LookAt(lock, lane, *run);
    } else {
      lane.wake.wait_until(lock, NextLook(lane, now));
    }
  }
  if (stopping) return;
  const auto rows = std::exchange(lane.rows, {});
  lock.unlock();
  for (const Waiting& waiting : rows) report(Dead(waiting.row, kNoTarget));
}

bool Delivery::State::IsDue(const Lane& lane, Steady::time_point now) const {
  if (lane.rows.empty() || now < lane.not_before) return false;
  const Waiting& front = lane.rows.front();
  return now >= front.latest || clock() >= front.row.next_attempt_ns;
}

Steady::time_point Delivery::State::NextLook(const Lane& lane, Steady::time_point now) const {
  Steady::time_point look = now + kRest;
  if (!lane.rows.empty()) {
    look = std::min<Steady::time_point>(std::max(lane.rows.front().latest, lane.not_before), now + kLookAgain);
    if (lane.not_before > now) look = std::min(look, lane.not_before);
  }
  if (const auto run = lane.runs.next()) look = std::min(look, *run);
  return lane.target->refresh_interval().count() > 0 && !lane.disabled ? std::min(look, lane.refresh_at) : look;
}

void Delivery::State::Refresh(std::unique_lock<std::mutex>& lock, Lane& lane) {
  const std::shared_ptr<Target> target = lane.trying = lane.target;
  lock.unlock();
  try {
    target->Refresh();
  } catch (const std::exception&) {
    // As with Send, its text might quote a secret; the next refresh is the retry.
  }
  lock.lock();
  lane.trying.reset();
  lane.refresh_at = Steady::now() + target->refresh_interval();
}

void Delivery::State::TryFront(std::unique_lock<std::mutex>& lock, Lane& lane) {
  OutboxRow row = lane.rows.front().row;
  const std::shared_ptr<Target> target = lane.trying = lane.target;
  lane.in_flight = true;
  lock.unlock();
  const Outcome outcome = Try(*target, row);
  row = AfterTry(std::move(row), outcome, clock(), random());
  lock.lock();
  lane.trying.reset();
  lane.in_flight = false;
  using Kind = Outcome::Kind;
  if (stopping && outcome.kind == Kind::kRetry) return;
  std::chrono::nanoseconds rest = target->spacing();
  if (outcome.kind == Kind::kDelivered) lane.breaker.NoteDelivered();
  if (outcome.kind == Kind::kRetry || outcome.kind == Kind::kGiveUp) {
    rest = std::max<std::chrono::nanoseconds>(rest, lane.breaker.NoteFailure());
  }
  if (outcome.remember) {
    lane.memory[outcome.remember->first] = outcome.remember->second;
    if (lane.target != target) lane.target->Recall(outcome.remember->first, outcome.remember->second);
  }
  if (outcome.kind == Kind::kDelivered && outcome.remember && !outcome.remember->second.empty() &&
      target->follows_runs())
    lane.runs.Add({row.id, row.target, outcome.remember->second, clock()}, Steady::now());
  // A reload may have brought another endpoint meanwhile.
  if (outcome.kind == Kind::kGone && lane.target == target) lane.disabled = true;
  lane.not_before = Steady::now() + rest;
  if (lane.removed && row.state == OutboxRow::State::kPending) row = Dead(std::move(row), kNoTarget);
  const bool dropped = std::exchange(lane.drop_front, false);
  if (row.state == OutboxRow::State::kPending && !dropped) {
    lane.rows.front() = Schedule(row);
  } else {
    lane.rows.pop_front();
  }
  // A row that was taken out is reported only if it arrived after all.
  if (outcome.kind == Kind::kContinue || (dropped && row.state != OutboxRow::State::kDelivered)) return;
  lock.unlock();
  report(row);
  lock.lock();
}

void Delivery::State::LookAt(std::unique_lock<std::mutex>& lock, Lane& lane, const RetrainRun& run) {
  const std::shared_ptr<Target> target = lane.trying = lane.target;
  lock.unlock();
  RunStatus status{RunStatus::Kind::kUnknown, "internal error"};
  try {
    status = target->Look(run);
  } catch (const std::exception&) {
    // As with Send, its text might quote a secret.
  }
  lock.lock();
  lane.trying.reset();
  if (stopping && !status.over()) return;
  const std::optional<RunStatus> news = lane.runs.Take(run, std::move(status), clock(), Steady::now());
  if (!news) return;
  lock.unlock();
  report_run(run, *news);
  lock.lock();
}

void Delivery::State::Take(Lane& lane, OutboxRow row) {
  const auto known = std::find_if(lane.rows.begin(), lane.rows.end(),
                                  [&row](const Waiting& waiting) { return waiting.row.id == row.id; });
  const bool dead = row.state == OutboxRow::State::kDead;
  if (known == lane.rows.end()) {
    if (!dead) lane.rows.push_back(Schedule(std::move(row)));
  } else if (known == lane.rows.begin() && lane.in_flight) {
    lane.drop_front = lane.drop_front || dead;
  } else if (dead) {
    lane.rows.erase(known);
  } else {
    *known = Schedule(std::move(row));
    lane.not_before = {};
  }
}

Delivery::Delivery(std::vector<std::shared_ptr<Target>> targets, WallClock clock, Random random, Report report,
                   ReportRun report_run)
    : state_(std::make_unique<State>()) {
  state_->clock = std::move(clock);
  state_->random = std::move(random);
  state_->report = std::move(report);
  state_->report_run = std::move(report_run);
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
        if (row.state != OutboxRow::State::kDead) homeless.push_back(Dead(std::move(row), kNoTarget));
      } else {
        state_->Take(*lane->second, std::move(row));
      }
    }
    for (const auto& [name, lane] : state_->lanes) lane->wake.notify_one();
  }
  for (const OutboxRow& row : homeless) state_->report(row);
}

void Delivery::Follow(const std::vector<RetrainRun>& runs) {
  const std::lock_guard lock(state_->mutex);
  for (const RetrainRun& run : runs) {
    const auto lane = state_->lanes.find(run.target);
    if (lane == state_->lanes.end() || !lane->second->target->follows_runs()) continue;
    lane->second->runs.Add(run, Steady::now());
    lane->second->wake.notify_one();
  }
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
