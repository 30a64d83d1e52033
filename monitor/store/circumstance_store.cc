#include "monitor/store/circumstance_store.h"

#include <algorithm>
#include <set>

#include "alerts/messages/time_text.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kKeepNs = 9 * 24 * kHourNs;

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS log_range(model TEXT, hour_ns INTEGER, topic TEXT, part INTEGER, from_offset INTEGER, to_offset INTEGER,
                                     PRIMARY KEY(model, hour_ns, topic, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS model_change(model TEXT, time_ns INTEGER, what TEXT, PRIMARY KEY(model, time_ns, what)) WITHOUT ROWID;
)sql";

}  // namespace

CircumstanceStore::CircumstanceStore(Sqlite& db) : db_(db) { db_.Run(kTables); }

void CircumstanceStore::NoteRecords(const std::string& model, std::int64_t time_ns, const ShardId& shard,
                                    std::int64_t from, std::int64_t to) {
  const auto [slot, fresh] = records_.try_emplace({model, FloorTo(time_ns, kHourNs), shard}, from, to);
  if (fresh) return;
  slot->second.first = std::min(slot->second.first, from);
  slot->second.second = std::max(slot->second.second, to);
}

void CircumstanceStore::NoteChange(const std::string& model, std::int64_t time_ns, const std::string& what) {
  changes_.emplace(model, time_ns, what);
}

void CircumstanceStore::Save() {
  if (!records_.empty()) {
    Statement put(db_,
                  "INSERT INTO log_range VALUES(?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
                  "from_offset=min(from_offset,excluded.from_offset),to_offset=max(to_offset,excluded.to_offset)");
    for (const auto& [key, range] : std::exchange(records_, {})) {
      const auto& [model, hour, shard] = key;
      put.Bind(model).Bind(hour).Bind(shard.topic).Bind(std::int64_t{shard.partition});
      put.Bind(range.first).Bind(range.second).Execute();
    }
  }
  for (const auto& [model, time, what] : std::exchange(changes_, {})) {
    Statement(db_, "INSERT OR IGNORE INTO model_change VALUES(?,?,?)").Bind(model).Bind(time).Bind(what).Execute();
  }
}

void CircumstanceStore::Forget(const std::string& model, std::int64_t now_ns) {
  Statement(db_, "DELETE FROM log_range WHERE model=? AND hour_ns<?")
      .Bind(model)
      .Bind(SaturatingAdd(now_ns, -kKeepNs))
      .Execute();
  Statement(db_,
            "DELETE FROM model_change WHERE model=?1 AND time_ns<(SELECT time_ns FROM model_change WHERE model=?1 "
            "ORDER BY time_ns DESC LIMIT 1 OFFSET 99)")
      .Bind(model)
      .Execute();
}

std::vector<alerts::LogRange> CircumstanceStore::Records(const std::string& model, std::int64_t from_ns,
                                                         std::int64_t to_ns) {
  std::map<ShardId, Range> ranges;
  const auto add = [&ranges](const ShardId& shard, Range more) {
    const auto [slot, fresh] = ranges.try_emplace(shard, more);
    slot->second.first = std::min(slot->second.first, more.first);
    slot->second.second = std::max(slot->second.second, more.second);
  };
  const std::int64_t first = FloorTo(from_ns, kHourNs);
  Statement rows(db_,
                 "SELECT topic,part,min(from_offset),max(to_offset) FROM log_range WHERE model=? AND hour_ns>=? AND "
                 "hour_ns<? GROUP BY topic,part");
  rows.Bind(model).Bind(first).Bind(to_ns);
  while (rows.Step())
    add({std::string(rows.Text(0)), static_cast<std::int32_t>(rows.Int(1))}, {rows.Int(2), rows.Int(3)});
  for (const auto& [key, range] : records_) {
    const auto& [noted_model, hour, shard] = key;
    if (noted_model == model && hour >= first && hour < to_ns) add(shard, range);
  }
  std::vector<alerts::LogRange> list;
  for (const auto& [shard, range] : ranges) list.push_back({shard.topic, shard.partition, range.first, range.second});
  return list;
}

std::vector<std::string> CircumstanceStore::Changes(const std::string& model, std::int64_t from_ns,
                                                    std::int64_t to_ns) {
  std::set<std::pair<std::int64_t, std::string>> found;
  Statement rows(db_, "SELECT time_ns,what FROM model_change WHERE model=? AND time_ns>=? AND time_ns<?");
  rows.Bind(model).Bind(from_ns).Bind(to_ns);
  while (rows.Step()) found.emplace(rows.Int(0), rows.Text(1));
  for (const auto& [noted_model, time, what] : changes_) {
    if (noted_model == model && time >= from_ns && time < to_ns) found.emplace(time, what);
  }
  std::vector<std::string> list;
  for (const auto& [time, what] : found) list.push_back(alerts::FormatTimeForPeople(time) + ": " + what);
  return list;
}

}  // namespace monitor
