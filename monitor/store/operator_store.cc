#include "monitor/store/operator_store.h"

#include "alerts/messages/time_text.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS silence(id TEXT PRIMARY KEY, from_ns INTEGER, to_ns INTEGER, stored TEXT, api TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit(seq INTEGER PRIMARY KEY, time_ns INTEGER, subject TEXT, api TEXT);
CREATE INDEX IF NOT EXISTS audit_by_subject ON audit(subject, seq);
-- What a target has to know of earlier messages: Slack's time stamp of an incident, alerts to be sent again.
CREATE TABLE IF NOT EXISTS target_memory(target TEXT, key TEXT, value TEXT, PRIMARY KEY(target, key)) WITHOUT ROWID;
)sql";

json OrNull(const std::string& text) { return text.empty() ? json() : json(text); }

bool HasTable(Sqlite& db, const char* name) {
  Statement found(db, "SELECT 1 FROM sqlite_master WHERE type='table' AND name=?");
  return found.Bind(name).Step();
}

json List(Statement& rows) {
  json list = json::array();
  while (rows.Step()) list.push_back(json::parse(rows.Text(0)));
  return list;
}

}  // namespace

json ToJson(const AuditEntry& entry) {
  return {{"time", alerts::FormatTime(entry.time_ns)},
          {"action", entry.action},
          {"subject", entry.subject},
          {"model", OrNull(entry.model)},
          {"by", OrNull(entry.by)},
          {"comment", OrNull(entry.comment)}};
}

OperatorStore::OperatorStore(Sqlite& db) : db_(db) { db_.Run(kTables); }

void OperatorStore::PutSilence(const alerts::Silence& silence) {
  Statement(db_, "INSERT OR REPLACE INTO silence VALUES(?,?,?,?,?)")
      .Bind(silence.id)
      .Bind(silence.from_ns)
      .Bind(silence.to_ns)
      .Bind(alerts::ToStored(silence).dump())
      .Bind(alerts::ToJson(silence).dump())
      .Execute();
}

std::vector<alerts::Silence> OperatorStore::Silences(std::int64_t not_over_at_ns) {
  std::vector<alerts::Silence> silences;
  Statement rows(db_, "SELECT stored FROM silence WHERE to_ns>? ORDER BY from_ns, id");
  rows.Bind(not_over_at_ns);
  while (rows.Step()) silences.push_back(alerts::SilenceFromStored(json::parse(rows.Text(0))));
  return silences;
}

void OperatorStore::PutAudit(const AuditEntry& entry) {
  Statement(db_, "INSERT INTO audit(time_ns,subject,api) VALUES(?,?,?)")
      .Bind(entry.time_ns)
      .Bind(entry.subject)
      .Bind(ToJson(entry).dump())
      .Execute();
}

void OperatorStore::PutMemory(const std::string& target, const std::string& key, const std::string& value) {
  if (value.empty()) {
    Statement(db_, "DELETE FROM target_memory WHERE target=? AND key=?").Bind(target).Bind(key).Execute();
  } else {
    Statement(db_, "INSERT OR REPLACE INTO target_memory VALUES(?,?,?)").Bind(target).Bind(key).Bind(value).Execute();
  }
}

std::map<std::string, std::string> OperatorStore::Memory(const std::string& target) {
  std::map<std::string, std::string> memory;
  Statement rows(db_, "SELECT key,value FROM target_memory WHERE target=?");
  rows.Bind(target);
  while (rows.Step()) memory.emplace(rows.Text(0), rows.Text(1));
  return memory;
}

json SilencesJson(Sqlite& db) {
  if (!HasTable(db, "silence")) return json::array();
  Statement rows(db, "SELECT api FROM silence ORDER BY from_ns, id");
  return List(rows);
}

json AuditJson(Sqlite& db, const std::string& subject) {
  if (!HasTable(db, "audit")) return json::array();
  Statement rows(db, "SELECT api FROM audit WHERE subject=? ORDER BY seq");
  rows.Bind(subject);
  return List(rows);
}

json NewestAuditJson(Sqlite& db, std::size_t limit) {
  if (!HasTable(db, "audit")) return json::array();
  Statement rows(db, "SELECT api FROM (SELECT seq,api FROM audit ORDER BY seq DESC LIMIT ?) ORDER BY seq");
  rows.Bind(static_cast<std::int64_t>(limit));
  return List(rows);
}

}  // namespace monitor
