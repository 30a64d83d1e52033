#include "alerts/routing.h"

#include <algorithm>

namespace alerts {
namespace {

template <typename T>
bool Takes(const std::vector<T>& wanted, const T& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

}  // namespace

bool Matches(const IncidentEvent& event, const Routing& routing) {
  const Severity severity = event.weekly ? Severity::kWarning : std::max(event.severity, event.peak);
  return severity >= routing.at_least && Takes(routing.models, event.model) && Takes(routing.causes, event.cause) &&
         Takes(routing.owners, event.owner);
}

}  // namespace alerts
