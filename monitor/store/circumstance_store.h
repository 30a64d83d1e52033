// CircumstanceStore: what may help to explain an incident later — where in the log the records of an hour lie, and what
// changed around a model — in the state database.
//
// Bounded: nine days of hours per model, and the newest 100 changes. Notes are kept in memory until Save, which belongs
// into the checkpoint transaction; the reading functions see them at once. Times are event time in nanoseconds. Owned
// by the judge's thread. Throws StoreError.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "alerts/circumstances.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/store/sqlite.h"

namespace monitor {

class CircumstanceStore {
 public:
  explicit CircumstanceStore(Sqlite& db);

  // Records of `model` with event times in the hour of `time_ns` lie among the offsets [from, to) of `shard`.
  void NoteRecords(const std::string& model, std::int64_t time_ns, const ShardId& shard, std::int64_t from,
                   std::int64_t to);
  void NoteChange(const std::string& model, std::int64_t time_ns, const std::string& what);
  void Save();
  void Forget(const std::string& model, std::int64_t now_ns);  // what is beyond the bounds

  // Of the hours that overlap [from_ns, to_ns), one range per partition.
  std::vector<alerts::LogRange> Records(const std::string& model, std::int64_t from_ns, std::int64_t to_ns);
  // "2024-05-01 10:00 UTC: …", oldest first.
  std::vector<std::string> Changes(const std::string& model, std::int64_t from_ns, std::int64_t to_ns);

 private:
  using Range = std::pair<std::int64_t, std::int64_t>;
  Sqlite& db_;
  std::map<std::tuple<std::string, std::int64_t, ShardId>, Range> records_;  // model, hour
  std::set<std::tuple<std::string, std::int64_t, std::string>> changes_;     // model, time, what
};

}  // namespace monitor
