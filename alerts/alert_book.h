// AlertBook: the life of every alert (pending → firing → resolved) and the incidents that they form.
//
// All alerts of one (model, variant) with one cause are one incident, which opens with its first firing alert and
// resolves with its last; the next one to fire then opens a new incident. An alert keeps its cause and never loses
// severity while it fires. kInsufficient neither counts nor resets; a pending alert that clears is dropped silently;
// a firing one takes over what each violated closing says. An update is for people where it is news to them (news.h),
// else `quiet`: for receivers that keep alerts by themselves.
// The book is a state machine without clock, I/O or randomness: the same observations in the same calls give the same
// ids and events. Owned by the judge, which stores what `TakeChanges` reports in the same transaction as the
// observations' cause. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alert.h"
#include "alerts/circumstances.h"
#include "alerts/messages/news.h"

namespace alerts {

// Something that people are told: an incident opened, changed (another alert fired or resolved, the severity rose, an
// effect grew) or resolved; or in one message what became of several incidents (catch_up.h), or of a retraining.
struct IncidentEvent {
  enum class Type { kFiring, kUpdated, kResolved, kRetrainRequested, kDigest, kRetrainOutcome };

  Type type = Type::kFiring;
  std::string incident;
  std::uint64_t transition = 0;   // 1, 2, … within the incident
  std::int64_t timestamp_ns = 0;  // end of the step or pane that brought it about
  std::string model, version, variant;
  Cause cause = Cause::kDataDrift;
  Severity severity = Severity::kWarning;  // highest of its firing alerts; of a resolved incident the highest it had
  Severity peak = Severity::kInfo;         // highest since it opened: whoever heard of an incident hears of its end
  std::string summary;                     // a headline for people (headline.h)
  std::int64_t began_at_ns = 0;
  std::int64_t opened_at_ns = 0;       // when the incident was noticed: end of the step that opened it
  std::string owner, runbook, url;     // filled in by the caller before rendering
  std::vector<Alert> alerts;           // firing ones first, largest effect first; then those that resolved with it
  std::vector<std::string> triggered;  // what it set in motion, in words; filled in by the caller before rendering
  Circumstances circumstances;         // filled in by the caller before rendering
  bool told = false;                   // people heard of the incident before this event
  bool withheld = false;               // see Incident
  bool quiet = false;                  // an update that is no news to people who heard of the incident
  std::vector<IncidentEvent> digest;   // kDigest: the incidents as they stand, kFiring or kResolved
  bool weekly = false;                 // what is too small to be told by itself, told once a week
  Triage triage;                       // of its alerts together
};
std::string_view Text(
    IncidentEvent::Type type);  // incident.firing, .updated, .resolved, .digest, retrain.requested, .outcome

struct Incident {
  std::string id;
  std::string model, version, variant;
  Cause cause = Cause::kDataDrift;
  Severity severity = Severity::kInfo, peak = Severity::kInfo;  // as in IncidentEvent
  std::int64_t began_at_ns = 0, opened_at_ns = 0, resolved_at_ns = 0;
  std::uint64_t transitions = 0;
  std::string summary;              // the headline when an alert last joined
  std::vector<std::string> alerts;  // ids, in the order in which they fired
  bool told = false;                // people heard of it
  std::int64_t told_at_ns = 0;      // wall clock, when they last did
  bool withheld = false;            // to be told when its model has caught up
  Told news = {};                   // what an event of it that was not quiet said
};

// The event that says how `incident` stands, with its alerts: by effect, unsent parts (type, timestamp, version,
// summary) left to the caller.
IncidentEvent EventOf(const Incident& incident, std::vector<Alert> alerts);

class AlertBook {
 public:
  // Takes all observations of one closing (one model, one step or pane) and returns what to tell: at most one event per
  // incident. Of several observations of one monitor in a call the worst counts; their order does not matter.
  std::vector<IncidentEvent> Observe(std::span<const Observation> observations);

  // Alerts that are pending or firing, by (model, variant, monitor).
  std::vector<Alert> Open() const;
  std::vector<Incident> OpenIncidents() const;

  // What an operator says of an open alert, or of every firing alert of an open incident, by id: accepted ones count as
  // acknowledged too. Returns the alerts that `id` stands for as they now are; none: there is no such open alert.
  enum class Mark { kAcknowledged, kAccepted };
  std::vector<Alert> Apply(Mark mark, const std::string& id);

  // An open incident as it stands, to be told at `timestamp_ns`: kFiring where nobody heard of it yet, else kUpdated
  // and its next transition. Throws std::out_of_range for an incident that is not open.
  IncidentEvent Describe(const std::string& incident, std::int64_t timestamp_ns);
  // People were told at `wall_ns`. Does nothing for an incident that is not open.
  void NoteTold(const std::string& incident, std::int64_t wall_ns);
  // Nobody is to be told before the model has caught up, or (false) not for that reason. As NoteTold.
  void Withhold(const std::string& incident, bool withheld);

  // Alerts and incidents that changed since the last call, each once with its newest state, for the store. A pending
  // alert that cleared is named in `dropped`.
  struct Changes {
    std::vector<Alert> alerts;
    std::vector<std::string> dropped;
    std::vector<Incident> incidents;
  };
  Changes TakeChanges();

  // Puts the stored open alerts and incidents back after a restart; resolved ones among them are left out. Throws
  // std::invalid_argument when the incident of a firing alert is missing.
  void Restore(std::vector<Alert> alerts, std::vector<Incident> incidents);

 private:
  struct Key {
    std::string model, variant, monitor;
    auto operator<=>(const Key&) const = default;
  };
  struct IncidentKey {
    std::string model, variant;
    Cause cause;
    auto operator<=>(const IncidentKey&) const = default;
  };
  struct Turn;  // what one call did to one incident

  void Take(const Key& key, const Observation& seen, std::map<IncidentKey, Turn>& turns);
  void Fire(Alert& alert, const Observation& seen, std::map<IncidentKey, Turn>& turns);
  std::optional<IncidentEvent> Conclude(const IncidentKey& key, Turn& turn);
  std::vector<Alert> Firing(const IncidentKey& key) const;
  Triage AssessAll(const std::vector<Alert>& alerts) const;
  std::map<IncidentKey, Incident>::iterator FindIncident(const std::string& id);

  std::map<Key, Alert> open_;
  std::map<IncidentKey, Incident> incidents_;  // open ones
  std::map<std::string, Alert> changed_alerts_;
  std::map<std::string, Incident> changed_incidents_;
  std::vector<std::string> dropped_;
};

nlohmann::json ToStored(const Incident& incident);
Incident IncidentFromStored(const nlohmann::json& stored);

// Deterministic ids of hex digits: 16 for alerts and incidents, 32 for messages (they are idempotency keys at
// receivers). `step_start_ns` is the step of the first violation for an alert, the step that opened it for an incident,
// whose first alert tells it from another incident that a shorter step of the same start had opened.
std::string AlertId(const std::string& model, const std::string& variant, const std::string& monitor,
                    std::int64_t step_start_ns);
std::string IncidentId(const std::string& model, const std::string& variant, Cause cause, std::int64_t step_start_ns,
                       const std::string& first_alert);
std::string MessageId(const std::string& incident, std::uint64_t transition, const std::string& target);

}  // namespace alerts
