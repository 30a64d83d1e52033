// Routing: which incidents a target takes. A value; Matches is pure and thread-safe.
#pragma once

#include <vector>

#include "alerts/alert_book.h"

namespace alerts {

struct Routing {
  Severity at_least = Severity::kWarning;
  std::vector<std::string> models;       // empty: all
  std::vector<Cause> causes;             // empty: all
  std::vector<std::string> owners = {};  // empty: all
};

// Severity is the highest that the incident had, so that a target which heard of it also hears that it calmed down.
// What is told weekly goes to whoever takes warnings.
bool Matches(const IncidentEvent& event, const Routing& routing);

}  // namespace alerts
