// QualityJson: the cohorts of one model as the API answers them (ARCHITECTURE 7), and beside them the windows that they
// make.
//
// Computed from committed counts on every request: a label that came a second ago is in it. Cost: about 0.1 ms per
// cohort.
#pragma once

#include <nlohmann/json.hpp>

#include "monitor/store/history.h"

namespace monitor {

struct QualityView {
  bool by_segment = false;    // one row per segment instead of all segments merged
  bool recalibrated = false;  // estimates by what the mature cohorts of the answer say that a score is worth, instead
                              // of the training data
};

// {"cohorts":[…],"windows":[…],"task",…}
nlohmann::json QualityJson(const History& history, const HistoryQuery& query, const QualityView& view);

}  // namespace monitor
