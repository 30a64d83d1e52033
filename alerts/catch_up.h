// Digests: one message instead of one per incident, of what happened while a model caught up and of what a week's small
// findings were.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerts/alert_book.h"

namespace alerts {

// `incidents`: at least one, each as it stands: kFiring with its firing alerts, or kResolved. The digest's `incident`,
// and with it the ids of its messages, is a hash of theirs and of how far they had come.
IncidentEvent DigestOf(std::vector<IncidentEvent> incidents);

// The same of incidents that never were more than `info`, noticed in the week that ended at `end_ns`.
IncidentEvent WeeklyDigestOf(std::vector<IncidentEvent> incidents, std::int64_t end_ns);

// "since 2024-05-01 10:00 UTC, open: flights: …" of one incident of a digest.
std::string DigestLine(const IncidentEvent& incident);

}  // namespace alerts
