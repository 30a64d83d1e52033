// OperatorStore: what people did and want — silences, the audit trail — and what targets have to remember, in the state
// database.
//
// Its tables are made when it is constructed, so that a state folder of an older version gains them. Writes belong into
// the checkpoint transaction (StateStore::Begin … Commit). Rows are few and calls rare: statements are prepared per
// call. Owned by the judge's thread; the reading functions also work on a read-only connection. Throws StoreError.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "alerts/silence.h"
#include "monitor/store/sqlite.h"

namespace monitor {

// One thing that an operator did.
struct AuditEntry {
  std::int64_t time_ns = 0;  // wall clock
  // ack, accept, undo_accept, silence, end_silence, approve, outbox_retry, outbox_drop, notify_test, reload,
  // baseline_push, baseline_rollback, baseline_learn
  std::string action;
  std::string subject;  // id of the alert, silence, retrain or message, name of the target, file, version
  std::string model;
  std::string by, comment;
};
nlohmann::json ToJson(const AuditEntry& entry);  // {"time","action","subject","model","by","comment"}

class OperatorStore {
 public:
  explicit OperatorStore(Sqlite& db);

  void PutSilence(const alerts::Silence& silence);
  std::vector<alerts::Silence> Silences(std::int64_t not_over_at_ns);  // that end later
  void PutAudit(const AuditEntry& entry);
  void PutMemory(const std::string& target, const std::string& key,
                 const std::string& value);  // an empty value removes the key
  std::map<std::string, std::string> Memory(const std::string& target);

 private:
  Sqlite& db_;
};

// For the API, over any connection; without the tables (a daemon of an older version wrote the file) there is nothing.
nlohmann::json SilencesJson(Sqlite& db);                           // [silence], by start
nlohmann::json AuditJson(Sqlite& db, const std::string& subject);  // [entry], in the order of time
nlohmann::json NewestAuditJson(Sqlite& db, std::size_t limit);     // the same, of everything

}  // namespace monitor
