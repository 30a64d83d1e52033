// QualityJson: the cohorts of one model as the API answers them (ARCHITECTURE 7), and beside them the windows that they
// make.
//
// Computed from committed counts on every request: a label that came a second ago is in it. Cost: about 0.1 ms per
// cohort.
#pragma once

#include <nlohmann/json.hpp>

#include "monitor/store/history.h"

namespace monitor {

// {"cohorts":[…],"windows":[…],"task",…}; `by_segment`: one row per segment instead of all segments merged.
nlohmann::json QualityJson(const History& history, const HistoryQuery& query, bool by_segment);

}  // namespace monitor
