// ChangedSettings: which settings of a model a reload has changed, for whoever looks for what else happened.
//
// Those that decide what is counted and what is alerted; lengths of pane, step and window and baselines are told with
// the plan that they make (judge_plan.cc). Pure function.
#pragma once

#include <string>

#include "monitor/daemon/config/config.h"

namespace monitor {

// The keys as the configuration writes them: "min_effect, rules"; empty where nothing changed, or where `model` is not
// in both.
std::string ChangedSettings(const Config& before, const Config& now, const std::string& model);

}  // namespace monitor
