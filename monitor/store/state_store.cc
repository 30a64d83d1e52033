#include "monitor/store/state_store.h"

#include <nlohmann/json.hpp>

#include "monitor/store/schema.h"

namespace monitor {
namespace {

std::string EncodeWatermarks(const std::map<std::string, std::int64_t>& by_model) {
  detectors::Encoder out;
  out.Varint(by_model.size());
  for (const auto& [model, ns] : by_model) {
    out.Text(model);
    out.Signed(ns);
  }
  return out.Take();
}

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

StateStore::StateStore(const std::filesystem::path& file) : db_(file, Sqlite::Mode::kReadWrite) {
  Prepare(file.string());
}
StateStore::StateStore(Sqlite::Mode mode) : db_("", mode) { Prepare("memory"); }
std::unique_ptr<StateStore> StateStore::InMemory() {
  return std::unique_ptr<StateStore>(new StateStore(Sqlite::Mode::kMemory));
}

void StateStore::Prepare(const std::string& name) {
  const std::int64_t version = db_.Number("PRAGMA user_version");
  if (version > kSchemaVersion) {
    throw StoreError(name + ": written by a newer monitord (state version " + std::to_string(version) +
                     ", this program knows " + std::to_string(kSchemaVersion) +
                     "); start the newer program, or give `state` an empty folder");
  }
  db_.Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=4000");
  if (version == kSchemaVersion) return;
  if (version > 0) {
    const std::string copy = name + ".version-" + std::to_string(version);
    std::filesystem::remove(copy);  // of a migration that did not come to its end
    Statement(db_, "VACUUM INTO ?").Bind(copy).Execute();
  }
  db_.Run("BEGIN IMMEDIATE");
  db_.Run(kSchema);
  for (std::int64_t step = version; step > 0 && step < kSchemaVersion; ++step) db_.Run(kMigrations[step - 1]);
  db_.Run("PRAGMA user_version=" + std::to_string(kSchemaVersion));
  db_.Run("COMMIT");
}

Statement& StateStore::Use(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return found->second->Reset();
  return *statements_.emplace(std::string(sql), std::make_unique<Statement>(db_, sql)).first->second;
}

void StateStore::Begin() { Use("BEGIN IMMEDIATE").Execute(); }
void StateStore::Commit() { Use("COMMIT").Execute(); }
void StateStore::Rollback() { Use("ROLLBACK").Execute(); }

void StateStore::PutShard(const StoredShard& shard) {
  const std::string watermarks = EncodeWatermarks(shard.start.largest_event_ns);
  Use("INSERT OR REPLACE INTO shard VALUES(?,?,?,?,?,?,?)")
      .Bind(shard.id.topic)
      .Bind(shard.id.partition)
      .Bind(shard.start.next_offset)
      .Bind(shard.start.last_offset)
      .Bind(static_cast<std::int64_t>(shard.start.last_hash))
      .Bind(static_cast<std::int64_t>(shard.lost))
      .BindBlob(watermarks)
      .Execute();
  bytes_ += 64 + watermarks.size();
}

void StateStore::PutModel(const std::string& model, std::string_view state) {
  Use("INSERT OR REPLACE INTO model VALUES(?,?)").Bind(model).BindBlob(state).Execute();
  bytes_ += state.size();
}

void StateStore::PutEvidence(const std::string& model, const std::string& variant, std::string_view state) {
  Use("INSERT OR REPLACE INTO evidence VALUES(?,?,?)").Bind(model).Bind(variant).BindBlob(state).Execute();
  bytes_ += state.size();
}

void StateStore::PutEpoch(const std::string& model, const StoredEpoch& epoch) {
  Use("INSERT OR REPLACE INTO epoch VALUES(?,?,?)").Bind(model).Bind(epoch.from_ns).Bind(epoch.plan).Execute();
}

void StateStore::PutProfile(const std::string& digest, const std::string& json) {
  Use("INSERT OR IGNORE INTO profile VALUES(?,?)").Bind(digest).Bind(json).Execute();
}

void StateStore::PutPane(const StoredSummary& pane) {
  Use("INSERT OR REPLACE INTO pane VALUES(?,?,?,?,?,?)")
      .Bind(pane.model)
      .Bind(pane.start_ns)
      .Bind(pane.version)
      .Bind(pane.variant)
      .Bind(pane.digest)
      .BindBlob(pane.bytes)
      .Execute();
  bytes_ += pane.bytes.size();
}

void StateStore::DropPane(const std::string& model, std::int64_t start_ns, const std::string& version,
                          const std::string& variant) {
  Use("DELETE FROM pane WHERE model=? AND start_ns=? AND version=? AND variant=?")
      .Bind(model)
      .Bind(start_ns)
      .Bind(version)
      .Bind(variant)
      .Execute();
}

void StateStore::PutStep(const StoredSummary& step) {
  Use("INSERT OR REPLACE INTO step VALUES(?,?,?,?,?,?,?,?)")
      .Bind(step.model)
      .Bind(step.start_ns)
      .Bind(step.version)
      .Bind(step.variant)
      .Bind(step.end_ns)
      .Bind(step.digest)
      .Bind(step.closed ? 1 : 0)
      .BindBlob(step.bytes)
      .Execute();
  bytes_ += step.bytes.size();
}

void StateStore::PutCohort(const StoredCohort& cohort) {
  Use("INSERT OR REPLACE INTO cohort VALUES(?,?,?,?,?,?,?)")
      .Bind(cohort.model)
      .Bind(cohort.start_ns)
      .Bind(cohort.version)
      .Bind(cohort.variant)
      .Bind(cohort.segment)
      .Bind(cohort.end_ns)
      .BindBlob(cohort.bytes)
      .Execute();
  bytes_ += cohort.bytes.size();
}

void StateStore::PutLabels(const std::string& model, std::string_view state, const std::string& facts) {
  Use("INSERT OR REPLACE INTO labels VALUES(?,?,?)").Bind(model).BindBlob(state).Bind(facts).Execute();
  bytes_ += state.size() + facts.size();
}

void StateStore::PutWindow(const StoredWindow& window) {
  Use("INSERT OR REPLACE INTO window VALUES(?,?,?,?,?,?)")
      .Bind(window.model)
      .Bind(window.end_ns)
      .Bind(window.version)
      .Bind(window.variant)
      .Bind(window.start_ns)
      .Bind(window.json)
      .Execute();
  bytes_ += window.json.size();
}

void StateStore::PutAlert(const alerts::Alert& alert) {
  const std::string api = alerts::ToJson(alert).dump();
  Use("INSERT OR REPLACE INTO alert VALUES(?,?,?,?,?,?,?,?,?)")
      .Bind(alert.id)
      .Bind(alert.model)
      .Bind(alert.feature)
      .Bind(alert.version)
      .Bind(alert.variant)
      .Bind(alerts::Text(alert.state))
      .Bind(alert.started_at_ns)
      .Bind(api)
      .Bind(alerts::ToStored(alert).dump())
      .Execute();
  bytes_ += 2 * api.size();
}

void StateStore::DropAlert(const std::string& id) { Use("DELETE FROM alert WHERE id=?").Bind(id).Execute(); }

void StateStore::PutIncident(const alerts::Incident& incident) {
  Use("INSERT OR REPLACE INTO incident VALUES(?,?,?,?)")
      .Bind(incident.id)
      .Bind(incident.resolved_at_ns == 0 ? 1 : 0)
      .Bind(incident.resolved_at_ns)
      .Bind(alerts::ToStored(incident).dump())
      .Execute();
}

void StateStore::PutOutbox(const alerts::OutboxRow& row) {
  Use("INSERT INTO outbox(id,target,type,content_type,body,created_ns,next_attempt_ns,attempts,last_error,state) "
      "VALUES(?,?,?,?,?,?,?,?,?,?) "
      "ON CONFLICT(id) DO UPDATE SET next_attempt_ns=excluded.next_attempt_ns, attempts=excluded.attempts, "
      "last_error=excluded.last_error, "
      "state=excluded.state")
      .Bind(row.id)
      .Bind(row.target)
      .Bind(row.type)
      .Bind(row.content_type)
      .BindBlob(row.body)
      .Bind(row.created_ns)
      .Bind(row.next_attempt_ns)
      .Bind(row.attempts)
      .Bind(row.last_error)
      .Bind(static_cast<int>(row.state))
      .Execute();
  bytes_ += row.body.size();
}

void StateStore::PutRetrain(const std::string& id, const std::string& model, const std::string& target,
                            std::int64_t requested_ns, const std::string& api) {
  Use("INSERT OR REPLACE INTO retrain VALUES(?,?,?,?,?)")
      .Bind(id)
      .Bind(model)
      .Bind(target)
      .Bind(requested_ns)
      .Bind(api)
      .Execute();
}

void StateStore::PutRejects(const ShardId& shard, const std::vector<RejectSample>& samples) {
  for (const RejectSample& sample : samples) {
    Use("INSERT INTO reject(model,reason,time_ns,topic,part,offset,payload) VALUES(?,?,?,?,?,?,?)")
        .Bind(sample.model)
        .Bind(Text(sample.reason))
        .Bind(sample.time_ns)
        .Bind(shard.topic)
        .Bind(shard.partition)
        .Bind(sample.offset)
        .BindBlob(sample.payload)
        .Execute();
    bytes_ += sample.payload.size();
  }
  // The newest hundred per model and reason stay.
  for (const RejectSample& sample : samples) {
    if (&sample != &samples.front() && sample.model == (&sample - 1)->model && sample.reason == (&sample - 1)->reason)
      continue;
    Use("DELETE FROM reject WHERE model=?1 AND reason=?2 AND seq <= (SELECT seq FROM reject WHERE model=?1 AND "
        "reason=?2 "
        "ORDER BY seq DESC LIMIT 1 OFFSET 100)")
        .Bind(sample.model)
        .Bind(Text(sample.reason))
        .Execute();
  }
}

void StateStore::PutSegment(const std::string& name, std::uint64_t length) {
  Use("INSERT OR REPLACE INTO segment VALUES(?,?)").Bind(name).Bind(static_cast<std::int64_t>(length)).Execute();
}

void StateStore::DropSegment(const std::string& name) { Use("DELETE FROM segment WHERE name=?").Bind(name).Execute(); }

void StateStore::PutMeta(const std::string& key, std::string_view value) {
  Use("INSERT OR REPLACE INTO meta VALUES(?,?)").Bind(key).BindBlob(value).Execute();
}

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

std::vector<StoredSummary> StateStore::Steps(const std::string& model, std::int64_t from_ns) {
  std::vector<StoredSummary> steps;
  Statement& rows = Use("SELECT start_ns,version,variant,digest,summary,end_ns,closed FROM step WHERE model=? AND "
                        "(start_ns>=? OR closed=0) ORDER BY start_ns")
                        .Bind(model)
                        .Bind(from_ns);
  while (rows.Step()) {
    steps.push_back({model, std::string(rows.Text(1)), std::string(rows.Text(2)), std::string(rows.Text(3)),
                     rows.Int(0), rows.Int(5), rows.Int(6) != 0, std::string(rows.Blob(4))});
  }
  rows.Reset();
  return steps;
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
  return cohorts;
}

std::optional<std::string> StateStore::OneCohort(const std::string& model, std::int64_t start_ns,
                                                 const std::string& version, const std::string& variant,
                                                 const std::string& segment) {
  Statement& statement =
      Use("SELECT counts FROM cohort WHERE model=? AND start_ns=? AND version=? AND variant=? AND segment=?");
  statement.Bind(model).Bind(start_ns).Bind(version).Bind(variant).Bind(segment);
  if (!statement.Step()) return std::nullopt;
  return std::string(statement.Blob(0));
}

std::string StateStore::LabelState(const std::string& model) {
  Statement& statement = Use("SELECT state FROM labels WHERE model=?");
  statement.Bind(model);
  return statement.Step() ? std::string(statement.Blob(0)) : std::string();
}

std::vector<alerts::Alert> StateStore::OpenAlerts() {
  std::vector<alerts::Alert> open;
  Statement& rows = Use("SELECT stored FROM alert WHERE state<>'resolved' ORDER BY started_ns, id");
  while (rows.Step()) open.push_back(alerts::FromStored(nlohmann::json::parse(rows.Text(0))));
  rows.Reset();
  return open;
}

std::optional<alerts::Alert> StateStore::StoredAlert(const std::string& id) {
  Statement& row = Use("SELECT stored FROM alert WHERE id=?");
  row.Bind(id);
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
