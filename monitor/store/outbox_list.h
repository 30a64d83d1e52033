// The outbox as the API lists it: messages that wait for their next try, are given up, await approval, or were
// delivered in the last 30 days.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

#include "monitor/store/sqlite.h"

namespace monitor {

struct OutboxQuery {
  std::string id_prefix;     // empty: all
  std::string target;        // empty: all
  std::string state;         // pending, delivered, dead, held; empty: all but delivered, unless an id is asked for
  std::size_t limit = 1000;  // the newest are kept
};

// [{"id","target","type","state","created_at","next_attempt_at","attempts","error","bytes"}], oldest first. Bodies are
// not shown: they may hold what only the target is to see. Throws StoreError.
nlohmann::json OutboxJson(Sqlite& db, const OutboxQuery& query);

}  // namespace monitor
