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
    Use("INSERT INTO reject(model,reason,time_ns,topic,part,offset,payload,hint) VALUES(?,?,?,?,?,?,?,?)")
        .Bind(sample.model)
        .Bind(Text(sample.reason))
        .Bind(sample.time_ns)
        .Bind(shard.topic)
        .Bind(shard.partition)
        .Bind(sample.offset)
        .BindBlob(sample.payload)
        .Bind(sample.hint)
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

}  // namespace monitor
