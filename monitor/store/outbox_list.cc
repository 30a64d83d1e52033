#include "monitor/store/outbox_list.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "alerts/messages/time_text.h"

namespace monitor {
namespace {

using nlohmann::json;

// In the order of alerts::OutboxRow::State.
constexpr std::array<const char*, 4> kStates{"pending", "delivered", "dead", "held"};

}  // namespace

json OutboxJson(Sqlite& db, const OutboxQuery& query) {
  std::string sql =
      "SELECT id,target,type,state,created_ns,next_attempt_ns,attempts,last_error,length(body) FROM outbox WHERE id>=? "
      "AND id<?";
  if (!query.target.empty()) sql += " AND target=?";
  if (!query.state.empty()) sql += " AND state=?";
  if (query.state.empty() && query.id_prefix.empty()) sql += " AND state<>1";
  Statement rows(db, sql + " ORDER BY seq DESC LIMIT ?");
  rows.Bind(query.id_prefix).Bind(query.id_prefix + 'g');
  if (!query.target.empty()) rows.Bind(query.target);
  if (!query.state.empty()) rows.Bind(std::find(kStates.begin(), kStates.end(), query.state) - kStates.begin());
  rows.Bind(static_cast<std::int64_t>(query.limit));
  json list = json::array();
  while (rows.Step()) {
    const std::size_t state = static_cast<std::size_t>(rows.Int(3));
    list.push_back({{"id", rows.Text(0)},
                    {"target", rows.Text(1)},
                    {"type", rows.Text(2)},
                    {"state", kStates.at(state)},
                    {"created_at", alerts::FormatTime(rows.Int(4))},
                    {"next_attempt_at", state == 0 ? json(alerts::FormatTime(rows.Int(5))) : json()},
                    {"attempts", rows.Int(6)},
                    {"error", rows.Text(7).empty() ? json() : json(rows.Text(7))},
                    {"bytes", rows.Int(8)}});
  }
  std::reverse(list.begin(), list.end());
  return list;
}

}  // namespace monitor
