// StateStore: the one checkpoint transaction. Everything that the daemon knows is written by the judge, in one SQLite
// transaction, or not at all.
//
// Between Begin and Commit the Put calls write rows; Commit makes them durable together (WAL, synchronous=FULL). Load
// reads everything back after a start. Summaries are bytes to the store: their form belongs to the types that encode
// them. Owned by the judge's thread. Throws StoreError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alert_book.h"
#include "alerts/outbox.h"
#include "monitor/ingest/shard_counter.h"
#include "monitor/store/sqlite.h"

namespace monitor {

struct StoredShard {
  ShardId id;
  ShardStart start;
  std::uint64_t lost = 0;
};

struct StoredEpoch {
  std::int64_t from_ns = INT64_MIN;
  std::string plan;  // JSON: lengths and digests by version
};

struct StoredSummary {  // of a pane or a step
  std::string model, version, variant, digest;
  std::int64_t start_ns = 0, end_ns = 0;
  bool closed = false;
  std::string bytes;
};

struct StoredWindow {
  std::string model, version, variant;
  std::int64_t start_ns = 0, end_ns = 0;
  std::string json;
};

struct StoredCohort {
  std::string model, version, variant, segment;
  std::int64_t start_ns = 0, end_ns = 0;
  std::string bytes;
};

class StateStore {
 public:
  // Opens or creates the database and its schema. Refuses a newer schema: StoreError says which version and what to do.
  explicit StateStore(const std::filesystem::path& file);
  static std::unique_ptr<StateStore> InMemory();

  void Begin();
  void Commit();
  void Rollback();
  std::uint64_t bytes_written() const { return bytes_; }  // payload of Put calls so far

  void PutShard(const StoredShard& shard);
  void PutModel(const std::string& model, std::string_view state);
  void PutEvidence(const std::string& model, const std::string& variant, std::string_view state);
  void PutEpoch(const std::string& model, const StoredEpoch& epoch);
  void PutProfile(const std::string& digest, const std::string& json);
  void PutPane(const StoredSummary& pane);
  void DropPane(const std::string& model, std::int64_t start_ns, const std::string& version,
                const std::string& variant);
  void PutStep(const StoredSummary& step);
  void PutWindow(const StoredWindow& window);
  void PutCohort(const StoredCohort& cohort);
  void PutLabels(const std::string& model, std::string_view state, const std::string& facts);
  void PutAlert(const alerts::Alert& alert);
  void DropAlert(const std::string& id);
  void PutIncident(const alerts::Incident& incident);
  void PutOutbox(const alerts::OutboxRow& row);  // inserts, or updates what a try changed
  void PutRetrain(const std::string& id, const std::string& model, const std::string& target, std::int64_t requested_ns,
                  const std::string& api);
  void PutRejects(const ShardId& shard, const std::vector<RejectSample>& samples);
  void PutSegment(const std::string& name, std::uint64_t length);
  void DropSegment(const std::string& name);
  void PutMeta(const std::string& key, std::string_view value);

  // Removes what is older than its keeping time: see history_keeper.h.
  void Run(const std::string& sql) { db_.Run(sql); }
  Sqlite& db() { return db_; }

  std::vector<StoredShard> Shards();
  std::map<std::string, std::string> Models();
  std::map<std::string, std::string> Evidence(const std::string& model);  // by variant
  std::vector<StoredEpoch> Epochs(const std::string& model);
  std::optional<std::string> ProfileJson(const std::string& digest);
  std::vector<StoredSummary> Panes(const std::string& model);
  std::vector<StoredSummary> OpenSteps(const std::string& model);
  std::vector<StoredSummary> ClosedSteps(const std::string& model, std::int64_t from_ns);  // without their bytes
  std::optional<std::string> StepBytes(const std::string& model, std::int64_t start_ns, const std::string& version,
                                       const std::string& variant);
  std::vector<StoredCohort> Cohorts(const std::string& model, std::int64_t from_ns);  // that end at or after
  std::optional<std::string> OneCohort(const std::string& model, std::int64_t start_ns, const std::string& version,
                                       const std::string& variant, const std::string& segment);
  std::string LabelState(const std::string& model);  // empty: none yet
  std::vector<alerts::Alert> OpenAlerts();
  std::optional<alerts::Alert> StoredAlert(const std::string& id);  // in any state
  std::vector<alerts::Incident> OpenIncidents();
  std::vector<alerts::OutboxRow> PendingOutbox();
  std::vector<alerts::OutboxRow> Outbox(const std::string& id_prefix);  // in any state; two at most
  std::map<std::string, std::uint64_t> Segments();
  std::string Meta(const std::string& key);

 private:
  explicit StateStore(Sqlite::Mode mode);
  void Prepare(const std::string& name);
  Statement& Use(std::string_view sql);

  Sqlite db_;
  std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements_;
  std::uint64_t bytes_ = 0;
};

}  // namespace monitor
