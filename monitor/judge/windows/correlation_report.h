// What a window says of the correlations of its features: the row of the API and the observation for the alert book.
// Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "alerts/alert.h"
#include "monitor/judge/evidence/correlation_monitor.h"

namespace monitor {

// {"features":[a,b],"baseline","now","effect","effect_low","effect_high","evidence","drift","why"}; null where the
// baseline has no joint reference, or no pair can be compared yet.
nlohmann::json CorrelationJson(const CorrelationMonitor& monitor,
                               const std::optional<CorrelationMonitor::Change>& change);

// Completes `base`, which has model, version, variant and times. Nothing where the row is null.
std::optional<alerts::Observation> ObserveCorrelation(alerts::Observation base, const CorrelationMonitor& monitor,
                                                      const std::optional<CorrelationMonitor::Change>& change);

}  // namespace monitor
