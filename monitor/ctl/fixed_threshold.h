// FixedThreshold: what a limit on a distance, as other tools ship it, would have alerted over closed windows.
//
// PSI above a limit, or the two-sample Kolmogorov–Smirnov test with p below a level (its asymptotic critical value, for
// numeric columns), for each column of each full window, by the point value: no evidence, no budget, no lower bound.
// An alert lasts while successive windows are above the limit; alerts of one cause in one model are one incident, as in
// the daemon. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "alerts/alert.h"

namespace monitor {

struct FixedThreshold {
  enum class Kind { kPsi, kKsTest };
  Kind kind = Kind::kPsi;
  double limit = 0.1;  // of PSI, or the level of p
};

// The distance at which the two-sample Kolmogorov–Smirnov test reaches the level p with n and m values (both above 0).
double KsCriticalDistance(double p, double n, double m);

// `windows`: rows of one model in the API's shape, in the order of time. `baseline_values` tells how many values a
// column's baseline has, 0 where unknown, by row and column.
using BaselineValues = std::function<double(const nlohmann::json& row, const std::string& column)>;
std::vector<alerts::Alert> AlertsOf(const FixedThreshold& threshold, const std::string& model,
                                    const nlohmann::json& windows, std::int64_t step_ns,
                                    const BaselineValues& baseline_values);

}  // namespace monitor
