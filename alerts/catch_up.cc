#include "alerts/catch_up.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "alerts/digest.h"
#include "alerts/time_text.h"

namespace alerts {
namespace {

bool IsOpen(const IncidentEvent& incident) { return incident.type == IncidentEvent::Type::kFiring; }

// Open ones first, then the more severe, then the older.
bool MoreUrgent(const IncidentEvent& a, const IncidentEvent& b) {
  if (IsOpen(a) != IsOpen(b)) return IsOpen(a);
  return std::pair(a.severity, b.opened_at_ns) > std::pair(b.severity, a.opened_at_ns);
}

}  // namespace

IncidentEvent DigestOf(std::vector<IncidentEvent> incidents) {
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
  digest.url = first.url;
  std::string all = "digest";
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
  const auto open = std::count_if(incidents.begin(), incidents.end(), IsOpen);
  digest.summary = digest.model + ": " + std::to_string(incidents.size()) +
                   (incidents.size() == 1 ? " incident" : " incidents") + " while monitord caught up with the log, " +
                   (open == 0 ? std::string("all over") : std::to_string(open) + " still open");
  digest.digest = std::move(incidents);
  return digest;
}

std::string DigestLine(const IncidentEvent& incident) {
  const std::int64_t from = incident.began_at_ns != 0 ? incident.began_at_ns : incident.opened_at_ns;
  return "since " + FormatTimeForPeople(from) + (IsOpen(incident) ? ", open: " : ", ") + incident.summary;
}

}  // namespace alerts
