// Reading back what is stored. Every statement is reset after its last row: one left open would hold the write-ahead
// log at its place, and the log would grow for ever.
#include <nlohmann/json.hpp>

#include "monitor/store/state_store.h"

namespace monitor {
namespace {

std::map<std::string, std::int64_t> DecodeWatermarks(std::string_view bytes) {
  detectors::Decoder in(bytes);
  std::map<std::string, std::int64_t> by_model;
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
    const std::string model(in.Text());
    by_model[model] = in.Signed();
  }
  return by_model;
}

const std::string kSelectOutbox =
    "SELECT id,target,type,content_type,body,created_ns,next_attempt_ns,attempts,last_error,state FROM outbox";

alerts::OutboxRow RowOf(const Statement& rows) {
  alerts::OutboxRow row;
  row.id = rows.Text(0);
  row.target = rows.Text(1);
  row.type = rows.Text(2);
  row.content_type = rows.Text(3);
  row.body = rows.Blob(4);
  row.created_ns = rows.Int(5);
  row.next_attempt_ns = rows.Int(6);
  row.attempts = static_cast<int>(rows.Int(7));
  row.last_error = rows.Text(8);
  row.state = static_cast<alerts::OutboxRow::State>(rows.Int(9));
  return row;
}

}  // namespace

std::vector<StoredShard> StateStore::Shards() {
  std::vector<StoredShard> shards;
  Statement& rows = Use("SELECT topic,part,next_offset,last_offset,last_hash,lost,watermarks FROM shard");
  while (rows.Step()) {
    StoredShard shard;
    shard.id = {std::string(rows.Text(0)), static_cast<std::int32_t>(rows.Int(1))};
    shard.start = {rows.Int(2), rows.Int(3), static_cast<std::uint64_t>(rows.Int(4)), DecodeWatermarks(rows.Blob(6))};
    shard.lost = static_cast<std::uint64_t>(rows.Int(5));
    shards.push_back(std::move(shard));
  }
  rows.Reset();
  return shards;
}

std::map<std::string, std::string> StateStore::Models() {
  std::map<std::string, std::string> models;
  Statement& rows = Use("SELECT name,state FROM model");
  while (rows.Step()) models.emplace(rows.Text(0), rows.Blob(1));
  rows.Reset();
  return models;
}

std::map<std::string, std::string> StateStore::Evidence(const std::string& model) {
  std::map<std::string, std::string> variants;
  Statement& rows = Use("SELECT variant,state FROM evidence WHERE model=?").Bind(model);
  while (rows.Step()) variants.emplace(rows.Text(0), rows.Blob(1));
  rows.Reset();
  return variants;
}

std::vector<StoredEpoch> StateStore::Epochs(const std::string& model) {
  std::vector<StoredEpoch> epochs;
  Statement& rows = Use("SELECT from_ns,plan FROM epoch WHERE model=? ORDER BY from_ns").Bind(model);
  while (rows.Step()) epochs.push_back({rows.Int(0), std::string(rows.Text(1))});
  rows.Reset();
  return epochs;
}

std::optional<std::string> StateStore::ProfileJson(const std::string& digest) {
  Statement& rows = Use("SELECT json FROM profile WHERE digest=?").Bind(digest);
  std::optional<std::string> json;
  if (rows.Step()) json = std::string(rows.Text(0));
  rows.Reset();
  return json;
}

std::vector<StoredSummary> StateStore::Panes(const std::string& model) {
  std::vector<StoredSummary> panes;
  Statement& rows =
      Use("SELECT start_ns,version,variant,digest,summary FROM pane WHERE model=? ORDER BY start_ns").Bind(model);
  while (rows.Step()) {
    panes.push_back({model, std::string(rows.Text(1)), std::string(rows.Text(2)), std::string(rows.Text(3)),
                     rows.Int(0), 0, false, std::string(rows.Blob(4))});
  }
  rows.Reset();
  return panes;
}

std::vector<StoredSummary> StateStore::OpenSteps(const std::string& model) {
  std::vector<StoredSummary> steps;
  Statement& rows = Use("SELECT start_ns,version,variant,digest,end_ns,summary FROM step WHERE model=? AND closed=0 "
                        "ORDER BY start_ns")
                        .Bind(model);
  while (rows.Step()) {
    steps.push_back({model, std::string(rows.Text(1)), std::string(rows.Text(2)), std::string(rows.Text(3)),
                     rows.Int(0), rows.Int(4), false, std::string(rows.Blob(5))});
  }
  rows.Reset();
  return steps;
}

std::vector<StoredSummary> StateStore::ClosedSteps(const std::string& model, std::int64_t from_ns) {
  std::vector<StoredSummary> steps;
  Statement& rows = Use("SELECT start_ns,version,variant,digest,end_ns FROM step WHERE model=? AND start_ns>=? AND "
                        "closed=1 ORDER BY start_ns")
                        .Bind(model)
                        .Bind(from_ns);
  while (rows.Step()) {
    steps.push_back({model,
                     std::string(rows.Text(1)),
                     std::string(rows.Text(2)),
                     std::string(rows.Text(3)),
                     rows.Int(0),
                     rows.Int(4),
                     true,
                     {}});
  }
  rows.Reset();
  return steps;
}

std::optional<std::string> StateStore::StepBytes(const std::string& model, std::int64_t start_ns,
                                                 const std::string& version, const std::string& variant) {
  Statement& row = Use("SELECT summary FROM step WHERE model=? AND start_ns=? AND version=? AND variant=?")
                       .Bind(model)
                       .Bind(start_ns)
                       .Bind(version)
                       .Bind(variant);
  std::optional<std::string> bytes;
  if (row.Step()) bytes = std::string(row.Blob(0));
  row.Reset();
  return bytes;
}

std::vector<StoredCohort> StateStore::Cohorts(const std::string& model, std::int64_t from_ns) {
  Statement& statement =
      Use("SELECT version, variant, segment, start_ns, end_ns, counts FROM cohort WHERE model=? AND end_ns>=? ORDER BY "
          "start_ns");
  statement.Bind(model).Bind(from_ns);
  std::vector<StoredCohort> cohorts;
  while (statement.Step()) {
    cohorts.push_back({model, std::string(statement.Text(0)), std::string(statement.Text(1)),
                       std::string(statement.Text(2)), statement.Int(3), statement.Int(4),
                       std::string(statement.Blob(5))});
  }
  statement.Reset();
  return cohorts;
}

std::optional<std::string> StateStore::OneCohort(const std::string& model, std::int64_t start_ns,
                                                 const std::string& version, const std::string& variant,
                                                 const std::string& segment) {
  Statement& statement =
      Use("SELECT counts FROM cohort WHERE model=? AND start_ns=? AND version=? AND variant=? AND segment=?");
  statement.Bind(model).Bind(start_ns).Bind(version).Bind(variant).Bind(segment);
  std::optional<std::string> counts;
  if (statement.Step()) counts = std::string(statement.Blob(0));
  statement.Reset();
  return counts;
}

std::string StateStore::LabelState(const std::string& model) {
  Statement& statement = Use("SELECT state FROM labels WHERE model=?");
  statement.Bind(model);
  std::string state;
  if (statement.Step()) state = statement.Blob(0);
  statement.Reset();
  return state;
}

std::vector<alerts::Alert> StateStore::OpenAlerts() {
  std::vector<alerts::Alert> open;
  Statement& rows = Use("SELECT stored FROM alert WHERE state<>'resolved' ORDER BY started_ns, id");
  while (rows.Step()) open.push_back(alerts::FromStored(nlohmann::json::parse(rows.Text(0))));
  rows.Reset();
  return open;
}

std::optional<alerts::Alert> StateStore::StoredAlert(const std::string& id) {
  Statement& row = Use("SELECT stored FROM alert WHERE id=?").Bind(id);
  std::optional<alerts::Alert> alert;
  if (row.Step()) alert = alerts::FromStored(nlohmann::json::parse(row.Text(0)));
  row.Reset();
  return alert;
}

std::vector<alerts::Incident> StateStore::OpenIncidents() {
  std::vector<alerts::Incident> open;
  Statement& rows = Use("SELECT stored FROM incident WHERE open=1");
  while (rows.Step()) open.push_back(alerts::IncidentFromStored(nlohmann::json::parse(rows.Text(0))));
  rows.Reset();
  return open;
}

std::vector<alerts::OutboxRow> StateStore::PendingOutbox() {
  std::vector<alerts::OutboxRow> pending;
  Statement& rows = Use(kSelectOutbox + " WHERE state=0 ORDER BY seq");
  while (rows.Step()) pending.push_back(RowOf(rows));
  rows.Reset();
  return pending;
}

std::vector<alerts::OutboxRow> StateStore::Outbox(const std::string& id_prefix) {
  std::vector<alerts::OutboxRow> found;
  // Ids are hexadecimal digits, so every id that begins with the prefix sorts before the prefix and a `g`.
  Statement& rows =
      Use(kSelectOutbox + " WHERE id>=? AND id<? ORDER BY id LIMIT 2").Bind(id_prefix).Bind(id_prefix + 'g');
  while (rows.Step()) found.push_back(RowOf(rows));
  rows.Reset();
  return found;
}

std::map<std::string, std::uint64_t> StateStore::Segments() {
  std::map<std::string, std::uint64_t> segments;
  Statement& rows = Use("SELECT name,length FROM segment");
  while (rows.Step()) segments.emplace(rows.Text(0), static_cast<std::uint64_t>(rows.Int(1)));
  rows.Reset();
  return segments;
}

std::string StateStore::Meta(const std::string& key) {
  Statement& rows = Use("SELECT value FROM meta WHERE key=?").Bind(key);
  std::string value;
  if (rows.Step()) value = rows.Blob(0);
  rows.Reset();
  return value;
}

}  // namespace monitor
