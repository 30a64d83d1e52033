// Daemon: the parts of monitord, wired together, from start to stop.
//
//   topic watcher ─▶ judge loop ◀─ counters        judge loop ─▶ delivery ─▶ targets        HTTP server reads snapshots
//   and the store
//
// Starting order: state folder locked, database opened, HTTP (says "starting"), judge, delivery, counters, watcher.
// Stopping order: watcher and counters first, so that their last deltas are in the last checkpoint; then the judge
// commits; then delivery and HTTP, which lose nothing by being cut short. Throws ConfigError, StoreError, KafkaError or
// HttpError while starting.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "alerts/delivery.h"
#include "alerts/http_client.h"
#include "monitor/daemon/baselines/baseline_learner.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/avro/schema_registry.h"
#include "monitor/ingest/kafka/kafka_counter.h"
#include "monitor/ingest/kafka/topic_watcher.h"
#include "monitor/judge/judge_loop.h"
#include "monitor/serve/http_server.h"
#include "monitor/store/state_lock.h"

namespace monitor {

class Daemon {
 public:
  explicit Daemon(Config config);
  ~Daemon();

  nlohmann::json PushLabels(const std::string& model, const std::string& lines);
  // Reads the configuration and the baselines again and takes them over without losing state; on a fault the old ones
  // stay and the fault is logged, shown by /metrics and returned (empty: taken over). `why` goes into the audit.
  std::string Reload(const AuditEntry& why);
  AuditEntry ReloadBy(const OperatorAction& who);  // why, where nothing but a reload was asked for
  // Baselines of a model: {"baselines":[{version, digest, rows, features, created, learnt, source, newest}]}; a new
  // one, in force when this returns; the newest pushed one taken back.
  ActionAnswer ListBaselines(const std::string& model);
  ActionAnswer PutBaseline(const std::string& model, const std::string& version, const std::string& text,
                           const OperatorAction& who);
  // Takes over what the learner has made: a baseline, and the parts that one lacks (false: it lacks none of them).
  void TakeLearnt(const std::string& model, const baselines::Profile& profile);
  bool TakeLearntParts(const std::string& model, const baselines::Profile& learnt);
  ActionAnswer RollBackBaseline(const std::string& model, const OperatorAction& who);
  // Hands an operator's action to the judge and waits for the commit that keeps it.
  ActionAnswer Act(const OperatorAction& action);
  // Sums of what every loop has done; a loop that stands still is named in `stuck`.
  bool AllLoopsMove(std::string& stuck);
  std::string StatusLine() const;
  // Not empty when the daemon cannot go on: the state could not be written.
  std::string fatal() const;
  void Stop();

 private:
  KafkaCounter& CounterOf(const ShardId& shard) {
    return *counters_[static_cast<std::size_t>(shard.partition) % counters_.size()];
  }
  void OnPartitions(const std::string& topic, const std::vector<TopicWatcher::Partition>& fresh);
  void RestShardsAhead(Judge& judge);
  void NoteReload(bool ok, const std::string& problem, const AuditEntry& why);  // committed when it returns
  Config CurrentConfig();

  Config config_;
  StateLock lock_;
  StateStore store_;
  SnapshotBoard board_;
  PollGaps gaps_;  // of all counters
  std::shared_ptr<alerts::HttpClient> http_client_;
  std::unique_ptr<Judge> judge_;
  std::unique_ptr<alerts::Delivery> delivery_;
  std::unique_ptr<JudgeLoop> loop_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::unique_ptr<KafkaCounter>> counters_;
  std::unique_ptr<TopicWatcher> watcher_;
  std::shared_ptr<SchemaRegistry> registry_;  // nullptr: none is configured
  std::unique_ptr<BaselineLearner> learner_;
  std::shared_ptr<const CountingPlan> plan_;
  std::string default_url_;    // for links in messages where `external_url` is not set
  std::set<ShardId> resting_;  // judge's thread only
  mutable std::mutex mutex_;
  std::string fatal_;  // guarded by mutex_
  std::vector<std::uint64_t> last_progress_;
  std::mutex baselines_mutex_;  // held while one is changed; before reload_mutex_
  std::mutex reload_mutex_;     // guards config_ after the start
  std::atomic<bool> running_{false};
};

}  // namespace monitor
