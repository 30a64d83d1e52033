// The body of a webhook message (ARCHITECTURE 7): a deterministic function of the event, valid JSON below 20 kB.
#pragma once

#include <cstddef>
#include <string>

#include "alerts/alert_book.h"

namespace alerts {

inline constexpr std::size_t kMaxBodyBytes = 20'000;  // exclusive
inline constexpr std::size_t kMaxListedAlerts = 20;

// Alerts beyond the 20th, or for which there is no room, are counted in `more`; overlong texts are cut, with "…".
std::string WebhookBody(const IncidentEvent& event);

}  // namespace alerts
