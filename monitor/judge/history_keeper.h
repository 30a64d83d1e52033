// KeepModelHistory: what is older than `history` is merged to days, what is older than 400 days goes.
//
// Steps shorter than a day that are older than `history_ns` before `now_ns` become one row per day and baseline; of
// their windows the last one of each day stays. Also removes alerts that were resolved, and retrain requests, older
// than 400 days. Runs inside the checkpoint transaction; cost: proportional to what has aged since the last call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/store/state_store.h"

namespace monitor {

void KeepModelHistory(StateStore& store, const std::string& model, std::int64_t now_ns, std::int64_t history_ns,
                      const std::vector<Epoch>& epochs);

// Removes delivered messages that are older than 30 days of wall time, and incidents that ended 400 days of event time
// ago. Dead letters stay.
void KeepMessages(StateStore& store, std::int64_t now_ns, std::int64_t wall_ns);

}  // namespace monitor
