// Judge: the only writer. Applies deltas, moves watermarks, closes panes and steps, keeps alerts and the outbox, and
// commits it all at once.
//
// No threads and no waiting in here: judge_loop.h drives it from a mailbox in the daemon, `monitorctl replay` drives it
// from files. Clocks are constructor arguments; wall time decides only about idleness, delivery and when to commit,
// never about counts or verdicts. Not thread-safe. Throws StoreError when the state cannot be written: the daemon then
// ends, and the restart goes on from the last commit.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alerts/alert_book.h"
#include "alerts/outbox.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/shard_counter.h"
#include "monitor/judge/model_state.h"
#include "monitor/judge/operator/operator_desk.h"
#include "monitor/judge/operator/retrain_ledger.h"
#include "monitor/judge/snapshot.h"
#include "monitor/judge/watermark.h"
#include "monitor/labels/label_counters.h"
#include "monitor/labels/prediction_index.h"
#include "monitor/labels/quality_facts.h"
#include "monitor/store/circumstance_store.h"
#include "monitor/store/state_store.h"

namespace monitor {

// The baselines of one model as its configuration names them.
struct ModelBaselines {
  std::map<std::string, std::shared_ptr<const baselines::Profile>> by_version;
  std::shared_ptr<const baselines::Profile> newest;
  std::set<std::string> pushed{};  // versions whose baseline came over the API
};

class Judge {
 public:
  struct Clocks {
    std::function<std::int64_t()> steady;  // ns, for idleness and the pace of commits
    std::function<std::int64_t()> wall;    // ns since 1970, for the outbox
  };

  // `index`: folder of the prediction index; empty keeps it in memory only.
  Judge(StateStore& store, std::filesystem::path index, SnapshotBoard& board, Clocks clocks);
  ~Judge();

  // Takes a configuration and its baselines, at the start or on a reload, and returns what counters need. A change of
  // baselines or lengths takes effect at the next step boundary beyond every record seen. All counters must have handed
  // over their deltas before.
  std::shared_ptr<const CountingPlan> Configure(const Config& config,
                                                const std::map<std::string, ModelBaselines>& baselines,
                                                std::vector<std::shared_ptr<alerts::Target>> targets);

  // A shard that is to be read. `first_offset`: where the first start of its topic begins; not used when the shard is
  // known. `end_offset`: one beyond the last record of its log now; until it is reached, its models catch up.
  ShardStart AddShard(const ShardId& shard, std::int64_t first_offset, std::int64_t end_offset = 0);
  bool KnowsTopic(const std::string& topic) const;
  LabelCounters Apply(ShardDelta delta);  // returns what became of its labels
  // Labels (JSON lines) that came by HTTP: joined like those of a topic; returns what became of them. The model must be
  // configured and have labels.
  bool HasLabels(const std::string& model) const;
  LabelCounters PushLabels(const std::string& model, std::string_view lines);
  void BeginProbe();
  // Ends of logs as the broker has just told; nullopt: it did not answer.
  void EndProbe(const std::optional<std::map<ShardId, std::int64_t>>& ends);
  void SetNotReady(std::string why);  // empty: ready
  // A reload, asked for by itself or for a baseline; `why` says by whom (its time is filled in). `committed` is called
  // as with Act.
  void NoteReload(bool ok, std::string error, AuditEntry why, AnswerAction committed);
  void NoteDelivery(const alerts::OutboxRow& row);
  // What has changed about a run that a retrain target started.
  void NoteRun(const alerts::RetrainRun& run, const alerts::RunStatus& status);
  std::vector<alerts::RetrainRun> RunsToFollow() const { return ledger_.RunsToFollow(); }
  void NotePending(std::map<std::string, std::uint64_t> pending) { outbox_pending_ = std::move(pending); }
  // What an operator asks for; `answer` is called at the end of the next checkpoint, which becomes due now.
  void Act(const OperatorAction& action, AnswerAction answer);
  // End of all input (replay): closes every pane and step.
  void FinishInput();

  // Commits what has changed and publishes the snapshot; returns the rows that may now be sent.
  std::vector<alerts::OutboxRow> Checkpoint();
  // When the next checkpoint is due (steady ns): every second, stretched to 10 s at most so that writes stay below 2
  // MB/s on average.
  std::int64_t next_checkpoint_ns() const { return next_checkpoint_ns_; }
  // Rows that were committed but not delivered before the last stop.
  std::vector<alerts::OutboxRow> PendingOutbox() { return store_.PendingOutbox(); }

  // Shards that are so far ahead of their model that reading them should wait (bounds the open panes).
  std::set<ShardId> ShardsAhead() const;

 private:
  struct Model;
  struct Shard {
    ShardStart start;
    std::uint64_t lost = 0;
    std::int64_t next_at_probe = 0;
    std::optional<std::int64_t> end;
    bool at_end = false;
    bool changed = false;
    bool read = false;             // in this run
    std::int64_t catch_up_to = 0;  // end of its log when this run began to read it
  };

  std::vector<Epoch> Epochs(const ModelConfig& config, Epoch wanted, std::int64_t largest_event_ns);
  void NoteNewPlan(const std::string& model, const Epoch& before, const Epoch& now);
  std::int64_t OldestOpenCohort(const ModelConfig& config) const;
  Epoch ReadEpoch(const StoredEpoch& stored, std::map<std::string, std::shared_ptr<const Frame>>& frames);
  LabelCounters ApplyLabels(ShardDelta& delta, std::int64_t now);
  void KeepWithinBudget();
  QualityFacts FactsOf(const Model& model) const;
  void SaveLabels(Model& model);
  void Report(Model& model, std::vector<alerts::Observation> observations);
  void Close(Model& model);
  void Tell(const Model& model, std::vector<alerts::IncidentEvent> events);
  void Address(const Model& model, alerts::IncidentEvent& event);
  void NoteCircumstances(const ShardDelta& delta, std::int64_t from_offset);
  void AddCircumstances(const Model& model, alerts::IncidentEvent& event);
  // Incidents that begin while a model catches up are withheld, and told together when it has (judge_catch_up.cc).
  bool CatchingUp(const Model& model) const;
  struct Withheld;
  void TellWithheld();
  void LoadWithheld();
  std::vector<Withheld> TakeWithheld(const Model& model);
  // What was noticed in the week that is over and is `info`, in one message (judge_week.cc).
  void TellWeek();
  std::vector<alerts::IncidentEvent> SmallFindings(const Model& model, std::int64_t from_ns, std::int64_t to_ns);
  std::vector<alerts::Alert> AlertsOf(const alerts::Incident& incident);
  // Asks for retrainings where the configuration wants them, and notes in `incident.triggered` what became of it.
  void Retrain(alerts::IncidentEvent& incident);
  void NoteRetrainTry(const alerts::OutboxRow& row);
  void FollowRetrains();
  void TellRetrain(RetrainRecord& record, const std::string& what);
  void Enqueue(const alerts::Target& target, const alerts::IncidentEvent& event,
               alerts::OutboxRow::State state = alerts::OutboxRow::State::kPending);
  void TakeBookChanges();
  // Tells of open incidents that nobody heard of because of a silence that is over, and again of those that nobody has
  // acknowledged.
  void Remind();
  bool SomebodyShouldHear(const alerts::Incident& incident) const;
  std::string AlertUrl(const std::string& id) const { return config_.external_url + "/api/v1/alerts/" + id; }
  void Audit(const OperatorAction& action, const std::string& subject, const std::string& model);
  ActionAnswer MarkAlerts(const OperatorAction& action);
  // Makes recent traffic the reference of the monitors of these alerts, which resolves them; the others, for which
  // Accept is false, stay as they are.
  static bool Accept(Model& model, const alerts::Alert& alert);
  void AcceptTraffic(const std::vector<alerts::Alert>& accepted);
  ActionAnswer UndoAccept(const OperatorAction& action);
  ActionAnswer Silence(const OperatorAction& action);
  ActionAnswer EndSilence(const OperatorAction& action);
  ActionAnswer Approve(const OperatorAction& action);
  ActionAnswer ChangeMessage(const OperatorAction& action);
  ActionAnswer TestTarget(const OperatorAction& action);
  std::vector<alerts::OutboxRow> MessagesOf(const std::string& id_prefix);  // as they now are; two at most
  void SendAgain(alerts::OutboxRow row);
  void KeepHistory();
  std::shared_ptr<const Snapshot> MakeSnapshot() const;

  StateStore& store_;
  PredictionIndex index_;
  unsigned saved_level_ = 0;
  SnapshotBoard& board_;
  Clocks clocks_;
  Config config_;
  std::vector<std::shared_ptr<alerts::Target>> targets_;
  std::map<std::string, std::string> states_;  // stored model states that no configured model has taken yet
  std::map<std::string, std::unique_ptr<Model>> models_;
  std::map<ShardId, Shard> shards_;
  ModelCounters unknown_;  // rejects of no model
  LabelCounters unknown_labels_;
  bool unknown_changed_ = false;
  alerts::AlertBook book_;
  OperatorDesk desk_;
  CircumstanceStore circumstances_;
  RetrainLedger ledger_;
  std::map<std::string, alerts::Alert> firing_;  // open alerts by id, for the snapshot
  std::vector<alerts::Alert> changed_alerts_;
  std::vector<std::string> dropped_alerts_;
  std::vector<alerts::Incident> changed_incidents_;
  std::map<std::string, alerts::Incident> withheld_;  // by id, open and resolved
  std::map<std::string, std::int64_t> week_ends_;     // by model: the end of the last week that was told
  bool week_ends_changed_ = false;
  std::vector<alerts::OutboxRow> new_rows_, tried_rows_;
  std::vector<std::pair<ShardId, std::vector<RejectSample>>> samples_;
  struct NewEpoch {
    std::string model;
    StoredEpoch epoch;
    std::vector<std::shared_ptr<const baselines::Profile>> profiles;
  };
  std::vector<NewEpoch> new_epochs_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> notifications_, retrains_;
  bool counts_changed_ = false;  // of the two
  std::map<std::string, std::uint64_t> outbox_pending_;
  std::array<std::uint64_t, kCheckpointBounds.size()> checkpoint_buckets_{};
  std::uint64_t checkpoints_ = 0;
  double checkpoint_seconds_ = 0;
  std::int64_t next_checkpoint_ns_ = 0;
  std::int64_t kept_history_at_ns_;  // wall
  std::string not_ready_ = "starting";
  bool reload_ok_ = true;
  std::string reload_error_;
};

}  // namespace monitor
