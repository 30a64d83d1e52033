// OutboxRow: one message to one target, from the transaction that caused it until it is delivered or given up; Target:
// who takes messages.
//
// A row is written in the transaction of the state change, so a message exists exactly when its cause does. Its body is
// stored once and sent byte for byte on every try; its id is the idempotency key. RetryAt is the schedule (Standard
// Webhooks 1.0.0): 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each with ±10 % jitter, `Retry-After`
// honoured; after the last try the row is dead (a dead letter, kept).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "alerts/alert_book.h"
#include "alerts/retrain_run.h"

namespace alerts {

struct OutboxRow {
  enum class State { kPending, kDelivered, kDead, kHeld };  // held: not to be sent until somebody approves

  std::string id;      // MessageId
  std::string target;  // Target::name
  std::string type;    // incident.firing …
  std::string content_type;
  std::string body;
  std::int64_t created_ns = 0;       // wall clock, ns since 1970
  std::int64_t next_attempt_ns = 0;  // wall clock
  int attempts = 0;
  std::string last_error;  // empty, or what the last try met: "HTTP 503", "connection refused"
  State state = State::kPending;
  // What the target wants to know at later tries and after restarts (Target::Recall); stored with the try. An empty
  // value forgets the key.
  std::optional<std::pair<std::string, std::string>> remember;
};

// What one try came to.
struct Outcome {
  enum class Kind {
    kDelivered,
    kContinue,  // a part is done; the rest is the next try, which may follow at once and counts as the same one
    kRetry,
    kGiveUp,
    kGone,  // give up, and this target takes nothing any more
  };
  Kind kind = Kind::kDelivered;
  std::string error;                                                           // for kRetry and kGiveUp
  std::optional<std::chrono::seconds> retry_after;                             // the receiver's wish
  std::optional<std::pair<std::string, std::string>> remember = std::nullopt;  // see OutboxRow
};

class Target {
 public:
  virtual ~Target() = default;
  // Stable across restarts and unique: kind and host or the configured name, never a secret.
  virtual const std::string& name() const = 0;
  virtual bool Wants(const IncidentEvent& event) const = 0;
  // Whether it may be told of several incidents in one message; a target that keeps alerts by itself may not.
  virtual bool takes_digests() const { return true; }
  // Whether it is told of every change of an incident, also of those that are no news to people (IncidentEvent::quiet).
  virtual bool keeps_alerts() const { return false; }
  // The stored form of the message. Pure: no clock, no I/O. Fills content_type and body; the caller fills the rest.
  virtual OutboxRow Render(const IncidentEvent& event) const = 0;
  // One try, blocking, bounded by a time-out of at most 30 s. Called by the delivery thread only.
  virtual Outcome Send(const OutboxRow& row) = 0;
  // Least time between two tries.
  virtual std::chrono::milliseconds spacing() const { return std::chrono::milliseconds(0); }
  // Whether Look can tell how what an accepted message started goes on.
  virtual bool follows_runs() const { return false; }
  // One look, with the bounds and on the thread of Send.
  virtual RunStatus Look(const RetrainRun& /*run*/) { return {RunStatus::Kind::kUnknown, "not followed"}; }
  // How often Refresh is to be called, from the same thread as Send; zero: never.
  virtual std::chrono::seconds refresh_interval() const { return std::chrono::seconds(0); }
  virtual void Refresh() {}
  // What an earlier try asked to be remembered (OutboxRow::remember); an empty value forgets the key. From any thread.
  virtual void Recall(const std::string& /*key*/, const std::string& /*value*/) {}
  // Ends a try under way within a second and lets later ones fail at once; from any thread. A try that it cut short
  // may have arrived.
  virtual void Interrupt() {}
};

// A receiver may ask for a later try, but not put it off for longer than this.
inline constexpr std::chrono::hours kLongestRetryAfter{24};

// When try number `attempts` + 1 is due after a failed try at `now_ns`; nullopt when there is none left. `random` 0..1
// gives the jitter.
std::optional<std::int64_t> RetryAt(int attempts, std::int64_t now_ns, double random,
                                    std::optional<std::chrono::seconds> retry_after);

// The row after one try: delivered, pending with its next attempt, or dead.
OutboxRow AfterTry(OutboxRow row, const Outcome& outcome, std::int64_t now_ns, double random);

}  // namespace alerts
