#include "alerts/catch_up.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "alerts/messages/digest.h"
#include "alerts/messages/time_text.h"

namespace alerts {
namespace {

bool IsOpen(const IncidentEvent& incident) { return incident.type == IncidentEvent::Type::kFiring; }

// Open ones first, then the more severe, then the older.
bool MoreUrgent(const IncidentEvent& a, const IncidentEvent& b) {
  if (IsOpen(a) != IsOpen(b)) return IsOpen(a);
  return std::pair(a.severity, b.opened_at_ns) > std::pair(b.severity, a.opened_at_ns);
}

// All but the summary; `kind` is part of the id.
IncidentEvent Gather(std::vector<IncidentEvent> incidents, std::string kind) {
  std::stable_sort(incidents.begin(), incidents.end(), MoreUrgent);
  const IncidentEvent& first = incidents.front();
  IncidentEvent digest;
  digest.type = IncidentEvent::Type::kDigest;
  digest.transition = 1;
  digest.model = first.model;
  digest.version = first.version;
  digest.cause = first.cause;
  digest.owner = first.owner;
  digest.runbook = first.runbook;
  digest.severity = Severity::kInfo;  // the highest of theirs
  digest.url = first.url;
  std::string all = std::move(kind);
  for (const IncidentEvent& incident : incidents) {
    all += " " + incident.incident + "." + std::to_string(incident.transition);
    digest.severity = std::max(digest.severity, incident.severity);
    digest.peak = std::max(digest.peak, incident.peak);
    digest.timestamp_ns = std::max(digest.timestamp_ns, incident.timestamp_ns);
    if (incident.began_at_ns != 0 && (digest.began_at_ns == 0 || incident.began_at_ns < digest.began_at_ns))
      digest.began_at_ns = incident.began_at_ns;
    if (IsOpen(incident)) digest.alerts.insert(digest.alerts.end(), incident.alerts.begin(), incident.alerts.end());
    digest.triggered.insert(digest.triggered.end(), incident.triggered.begin(), incident.triggered.end());
  }
  digest.incident = HexDigest({all}, 16);
  digest.digest = std::move(incidents);
  return digest;
}

// "3 findings", for one of `one`.
std::string Count(std::size_t number, const std::string& one) {
  return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

std::string StillOpen(const std::vector<IncidentEvent>& incidents) {
  const auto open = std::count_if(incidents.begin(), incidents.end(), IsOpen);
  return open == 0 ? "all over" : std::to_string(open) + " still open";
}

}  // namespace

IncidentEvent DigestOf(std::vector<IncidentEvent> incidents) {
  IncidentEvent digest = Gather(std::move(incidents), "digest");
  digest.summary = digest.model + ": " + Count(digest.digest.size(), "incident") +
                   " while monitord caught up with the log, " + StillOpen(digest.digest);
  return digest;
}

IncidentEvent WeeklyDigestOf(std::vector<IncidentEvent> incidents, std::int64_t end_ns) {
  IncidentEvent digest = Gather(std::move(incidents), "week " + std::to_string(end_ns));
  digest.weekly = true;
  digest.timestamp_ns = end_ns;
  digest.summary = digest.model + ": " + Count(digest.digest.size(), "finding") + " in the week to " +
                   FormatTimeForPeople(end_ns) +
                   ", too small or without effect on the predictions, so nobody was told; " + StillOpen(digest.digest);
  return digest;
}

std::string DigestLine(const IncidentEvent& incident) {
  const std::int64_t from = incident.began_at_ns != 0 ? incident.began_at_ns : incident.opened_at_ns;
  return "since " + FormatTimeForPeople(from) + (IsOpen(incident) ? ", open: " : ", ") + incident.summary;
}

}  // namespace alerts
