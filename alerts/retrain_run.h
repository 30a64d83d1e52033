// RetrainRun: what a retrain target started for a request that it accepted; RunStatus: how it stands; RunWatch: when to
// look.
//
// Looks are cheap: the wait before the next one is a tenth of the run's age, at least 5 s and at most 10 min (about 50
// in the first hour and a half, then six an hour), later where the target asks for it (Retry-After). A run that has not
// ended 7 days after it was accepted is given up. Nothing of it is stored: the schedule follows from the time of
// acceptance, so that after a restart each run needs only to be added again. RunWatch is a value without clock; not
// thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace alerts {

struct RetrainRun {
  std::string request;           // OutboxRow::id of the accepted request
  std::string target;            // Target::name
  std::string reference;         // what the accepted try asked to be remembered: run id, ARN …
  std::int64_t accepted_ns = 0;  // wall clock, ns since 1970
  friend bool operator==(const RetrainRun&, const RetrainRun&) = default;
};

struct RunStatus {
  enum class Kind {
    kRunning,
    kSucceeded,
    kFailed,   // also: stopped, skipped, timed out; `reason` is the target's
    kUnknown,  // the target did not say; `reason` is what the look met. It goes on
    kGivenUp,  // no end within kLongestRun
  };
  Kind kind = Kind::kRunning;
  std::string reason = "";
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
  bool over() const { return kind != Kind::kRunning && kind != Kind::kUnknown; }
};
const char* Text(RunStatus::Kind kind);  // running, succeeded, failed, unknown, given_up

class RunWatch {
 public:
  using Steady = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kShortestWait{5}, kLongestWait{600};
  static constexpr std::chrono::hours kLongestRun{7 * 24};

  // First looked at after kShortestWait; one that is known already stays as it is.
  void Add(RetrainRun run, Steady::time_point now);
  std::optional<Steady::time_point> next() const;               // nullopt: no run to look at
  std::optional<RetrainRun> Due(Steady::time_point now) const;  // the one that is due longest
  // After a look at `run`. Returns what is worth telling: that the status has changed. One that is over is forgotten.
  std::optional<RunStatus> Take(const RetrainRun& run, RunStatus status, std::int64_t wall_ns, Steady::time_point now);

 private:
  struct Watched {
    RetrainRun run;
    Steady::time_point look_at;
    std::optional<RunStatus> told;
  };
  std::map<std::string, Watched> runs_;  // by request
};

}  // namespace alerts
