// KeepModelHistory: what is older than `history` is merged to days, what is older than 400 days goes.
//
// Steps shorter than a day that are older than `history_ns` before `now_ns` become one row per day and baseline; of their windows the last one of
// each day stays. Also removes resolved alerts, delivered messages and incidents older than 400 days. Runs inside the checkpoint transaction;
// cost: proportional to what has aged since the last call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/store/state_store.h"

namespace monitor {

void KeepModelHistory(StateStore& store, const std::string& model, std::int64_t now_ns, std::int64_t history_ns, const std::vector<Epoch>& epochs);

}  // namespace monitor
