// Headlines: the sentence that tells people what an incident is. Pure functions of their arguments, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "alerts/alert_book.h"

namespace alerts {

// "flights: 3 features drifted from the baseline: temp, dewp, pressure", from the firing alerts of `event` (from all
// when none fires); one alert alone speaks for itself.
std::string Headline(const IncidentEvent& event);
// "resolved: <the incident's last headline>; it lasted 2 d", from what the incident was at its end.
std::string ResolvedHeadline(const Incident& incident);
// What a cause means, after the name of a model: "looks like a fault of the data feed, not drift".
std::string_view Explain(Cause cause);

}  // namespace alerts
