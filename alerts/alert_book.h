// AlertBook: the life of every alert (pending → firing → resolved) and the incidents that they form.
//
// All alerts of one (model, variant) with one cause are one incident, which opens with its first firing alert and resolves with its last.
// The book is a state machine without clock, I/O or randomness: the same observations in the same order give the same ids and events.
// Owned by the judge, which stores what `changed` reports in the same transaction as the observations' cause. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "alerts/alert.h"

namespace alerts {

// Something that people are told: an incident opened, changed (another alert fired or resolved, the severity rose) or resolved.
struct IncidentEvent {
  enum class Type { kFiring, kUpdated, kResolved, kRetrainRequested };

  Type type = Type::kFiring;
  std::string incident;
  std::uint64_t transition = 0;  // 1, 2, … within the incident
  std::int64_t timestamp_ns = 0; // end of the step or pane that brought it about
  std::string model, version, variant;
  Cause cause = Cause::kDataDrift;
  Severity severity = Severity::kWarning;  // highest of its firing alerts
  std::string summary;                     // a headline for people
  std::int64_t began_at_ns = 0;
  std::string owner, runbook, url;         // filled in by the caller before rendering
  std::vector<Alert> alerts;               // firing ones first, largest effect first
};
std::string_view Text(IncidentEvent::Type type);  // incident.firing, incident.updated, incident.resolved, retrain.requested

struct Incident {
  std::string id;
  std::string model, version, variant;
  Cause cause = Cause::kDataDrift;
  std::int64_t began_at_ns = 0, opened_at_ns = 0, resolved_at_ns = 0;
  std::uint64_t transitions = 0;
  std::vector<std::string> alerts;  // ids, in the order in which they fired
};

class AlertBook {
 public:
  // Takes all observations of one closing (one model, one step or pane) and returns what to tell: at most one event per incident.
  std::vector<IncidentEvent> Observe(std::span<const Observation> observations);

  // Alerts that are pending or firing, by (model, variant, monitor).
  std::vector<Alert> Open() const;
  // Alerts and incidents that changed since the last call, for the store. Resolved ones leave the book with it; a pending alert that cleared is
  // named in `dropped`.
  struct Changes {
    std::vector<Alert> alerts;
    std::vector<std::string> dropped;
    std::vector<Incident> incidents;
  };
  Changes TakeChanges();

  // Puts the stored open alerts and incidents back after a restart.
  void Restore(std::vector<Alert> alerts, std::vector<Incident> incidents);

 private:
  struct Key {
    std::string model, variant, monitor;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, Alert> open_;
  std::map<std::string, Incident> incidents_;  // open ones, by id
  Changes changes_;
};

nlohmann::json ToStored(const Incident& incident);
Incident IncidentFromStored(const nlohmann::json& stored);

// Deterministic ids, 16 hex digits.
std::string AlertId(const std::string& model, const std::string& variant, const std::string& monitor, std::int64_t step_start_ns);
std::string MessageId(const std::string& incident, std::uint64_t transition, const std::string& target);

}  // namespace alerts
