// The digest of what happened while a model caught up: one message instead of one per incident.
#pragma once

#include <vector>

#include "alerts/alert_book.h"

namespace alerts {

// `incidents`: at least one, each as it stands: kFiring with its firing alerts, or kResolved. The digest's `incident`,
// and with it the ids of its messages, is a hash of theirs and of how far they had come.
IncidentEvent DigestOf(std::vector<IncidentEvent> incidents);

// "since 2024-05-01 10:00 UTC, open: flights: …" of one incident of a digest.
std::string DigestLine(const IncidentEvent& incident);

}  // namespace alerts
