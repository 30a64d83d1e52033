// Alert: one watched quantity of one model that left what its baseline lets expect; Observation: what the judge says of
// it at one closing.
//
// Value types. Times are nanoseconds since 1970-01-01T00:00Z of event time, 0 where there is none. The JSON form is the
// API's (ARCHITECTURE 7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "alerts/cause.h"
#include "alerts/change.h"
#include "alerts/triage.h"

namespace alerts {

// What a detector found of one monitor when a pane or a step closed.
struct Observation {
  enum class Verdict { kClear, kViolated, kInsufficient };

  std::string model, version, variant;
  std::string
      monitor;  // unique within (model, variant): "missing:temp", "distribution:temp", "rule:psi:distance", "no_data"
  std::string feature;  // empty where the monitor is not about one
  Cause cause = Cause::kDataDrift;
  Severity severity = Severity::kWarning;
  Verdict verdict = Verdict::kClear;
  std::int64_t step_start_ns = 0, step_end_ns = 0;  // of the pane or step that closed
  std::int64_t began_at_ns = 0;                     // estimated start of the change
  int for_steps = 1;                                // violated closings in a row before it fires; pending until then
  int clear_steps = 1;                              // clear closings in a row before it resolves
  std::string summary;                              // one sentence for people
  std::optional<double> value, baseline, threshold, effect, evidence;
  std::uint64_t count = 0;  // rows behind the finding
  // What became of a standing change: how often it changed further since it fired (each is told), when it last did, and
  // since when it has been stable; 0: not, or not known.
  std::uint32_t changes = 0;
  std::int64_t changed_at_ns = 0, stable_since_ns = 0;
  std::string account;  // JSON: how the alarm was computed; empty: unknown
  Change change;        // how it changed
};

struct Alert {
  std::string id;        // 16 hex digits: hash of (model, variant, monitor, step start)
  std::string incident;  // id of the incident it belongs to
  std::string model, version, variant, monitor, feature;
  Cause cause = Cause::kDataDrift;
  Severity severity = Severity::kWarning;
  State state = State::kPending;
  std::int64_t began_at_ns = 0, started_at_ns = 0, resolved_at_ns = 0;
  std::string summary;
  std::optional<double> value, baseline, threshold, effect, evidence;
  std::uint64_t count = 0;
  Change change;
  Triage triage;              // of this alert, beside what else fired when it was last confirmed
  bool acknowledged = false;  // somebody looks after it: its incident is not repeated
  bool accepted = false;      // the change is meant to be: an operator said so
  std::uint32_t changes = 0;  // as in Observation
  std::int64_t changed_at_ns = 0, stable_since_ns = 0;
  std::string account;  // not part of the API's lists and of messages
  std::string url;
  // Not part of the API's form:
  int violated_in_a_row = 0, clear_in_a_row = 0;  // dwell of `for_steps` and `clear_steps`
};

nlohmann::json ToJson(const Alert& alert);    // the API's shape, null for what is unknown
nlohmann::json ToStored(const Alert& alert);  // everything, for the store
Alert FromStored(const nlohmann::json& stored);

}  // namespace alerts
