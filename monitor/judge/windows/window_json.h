// FeatureJson: one feature of a window in the API's shape (ARCHITECTURE 7). What cannot be computed is null, never 0 or
// NaN.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "monitor/judge/windows/verdict.h"

namespace monitor {

nlohmann::json FeatureJson(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                           const detectors::Distances& distances, const FeatureVerdict& verdict,
                           const std::optional<double>& evidence);  // evidence: M/c, 1 is an alarm

}  // namespace monitor
