// ModelState: everything the judge knows of one model — open panes, steps, gross faults, counters, the newest window —
// and how time closes it.
//
// Merge adds a counter's pane; CloseUpTo closes panes and steps in the order of their ends and leaves observations and
// windows for the judge to store and announce. What it does depends on the merged records and the watermark only.
// Closed steps of the running window are read from the store again when the next one closes: kept in memory they would
// take some 30 KB each of 50 features. Owned by the judge; not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "alerts/alert.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/judge/counters.h"
#include "monitor/judge/evidence/evidence_book.h"
#include "monitor/judge/evidence/volume_monitor.h"
#include "monitor/judge/open_pane.h"
#include "monitor/judge/snapshot.h"
#include "monitor/judge/windows/evaluation.h"
#include "monitor/judge/windows/gross_faults.h"
#include "monitor/judge/windows/record_faults.h"
#include "monitor/store/state_store.h"

namespace monitor {

// Observations of one closing (all at the same end), in the order of time.
struct Closing {
  std::int64_t end_ns = 0;
  std::vector<alerts::Observation> observations;
};

class ModelState {
 public:
  // `budget` is this model's of false alarms. The store must outlive this.
  ModelState(StateStore& store, std::shared_ptr<const ModelPlan> plan, ModelConfig config,
             detectors::AlarmBudget budget);
  void SetPlan(std::shared_ptr<const ModelPlan> plan, ModelConfig config, detectors::AlarmBudget budget);

  // Adds a pane of one delta, and those of its rows that are not in its columns yet. A pane that is closed already
  // counts as late; returns whether it was added.
  bool Merge(const PaneKey& key, PaneSummary pane, std::vector<RecordBlock> rows);
  void AddCounters(const ModelCounters& counters);
  // Of the records of a pane that was just merged.
  void AddDuplicates(const PaneKey& key, std::uint64_t count);

  // The log lost records: an alert that resolves when the next step closes.
  void NoteGap(const ShardId& shard, std::uint64_t lost);
  // Closes what ends at or before the watermark.
  void CloseUpTo(std::int64_t watermark_ns);
  // Called while all shards are idle: says `no_data` once the silence is longer than the traffic so far makes likely.
  void CheckSilence(std::int64_t watermark_ns);
  // An operator accepts what a monitor of a variant's columns or volume found, or takes that back; the reference of the
  // monitor changes (evidence_book.h, volume_monitor.h). False: the monitor has none.
  bool Accept(const std::string& variant, const std::string& monitor);
  bool UndoAccept(const std::string& variant, const std::string& monitor);
  std::vector<Closing> TakeClosings() { return std::exchange(closings_, {}); }

  // Writes what changed since the last call into the open transaction.
  void Save();
  void Load(const std::string& state);

  const ModelPlan& plan() const { return *plan_; }
  const std::shared_ptr<const ModelPlan>& shared_plan() const { return plan_; }
  const ModelConfig& config() const { return config_; }
  const detectors::AlarmBudget& budget() const { return budget_; }  // this model's
  std::int64_t closed_up_to() const { return closed_up_to_; }
  std::int64_t last_event_ns() const { return last_event_ns_; }
  std::size_t open_panes() const { return panes_.size(); }
  std::int64_t oldest_pane_ns() const { return panes_.empty() ? INT64_MAX : panes_.begin()->first.first; }  // its start
  ModelSnapshot Snapshot() const;
  // Whether records of a version and variant have been counted; the first of all is nothing new.
  enum class Seen { kYes, kNewVersion, kNewVariant };
  Seen SeenBefore(const std::string& version, const std::string& variant) const;
  // Whether no record so far had values under names that the baseline lacks.
  bool extra_is_new() const { return counters_.counted > 0 && counters_.extra == 0; }
  // Of the newest window's records; nullopt before one has closed, or where it has none of them.
  std::optional<double> ShareOfTraffic(const std::string& version, const std::string& variant) const;

 private:
  using Variant = std::pair<std::string, std::string>;  // version, variant
  struct Step {
    std::int64_t end_ns = 0;
    PaneSummary sum;
    bool changed = true;
  };
  struct ClosedStep {
    std::int64_t start_ns = 0;
    std::string digest;
  };
  struct VersionState {
    std::uint64_t counted = 0;
    std::int64_t last_seen_ns = 0;
  };

  using Change = bool (EvidenceBook::*)(const std::string& column, Quantity quantity);
  bool ChangeReference(const std::string& variant, const std::string& monitor, Change change);
  bool ChangeVolume(const std::string& variant, bool (VolumeMonitor::*change)());
  void ClosePane();
  void CloseStep();
  struct ClosedWindow {
    Variant variant;
    std::int64_t start_ns = 0, end_ns = 0;
    bool partial = false, too_short = false;
    PaneSummary sum;
    std::vector<detectors::Distances> distances;  // of its columns
    std::optional<CorrelationMonitor::Change> correlation = {};
    std::optional<PcaMonitor::Change> residual = {};
    ColumnsSince since = {};  // where a distribution is alerted
  };
  using Variants = std::map<Variant, Step>;
  // `sharers`: variants with a step of this start, which share the budget.
  void CloseVariant(const std::string& name, std::int64_t start_ns, Variants& variants, std::size_t sharers,
                    std::vector<alerts::Observation>& out);
  void AddVolume(const std::string& name, std::int64_t start_ns, const Variants& variants, std::size_t sharers,
                 std::vector<alerts::Observation>& out);
  std::int64_t Covered(const Variant& variant, std::int64_t start_ns, std::int64_t end_ns,
                       const std::string& digest) const;
  ClosedWindow FillWindow(const Variant& variant, std::int64_t start_ns, Step step, const EvidenceBook& evidence);
  PaneSummary Read(const Variant& variant, const ClosedStep& step, const std::shared_ptr<const Frame>& frame) const;
  std::string EncodeState() const;

  StateStore& store_;
  std::shared_ptr<const ModelPlan> plan_;
  ModelConfig config_;
  detectors::AlarmBudget budget_;
  ModelCounters counters_;
  std::map<Variant, VersionState> versions_;
  std::map<std::pair<std::int64_t, Variant>, OpenPane> panes_;  // by start
  std::map<std::int64_t, Variants> steps_;                      // being filled, by start
  std::map<Variant, std::deque<ClosedStep>> closed_steps_;      // of the running window
  std::map<std::string, GrossFaults> faults_;                   // by variant
  std::map<std::string, RecordFaults> record_faults_;           // by variant
  std::map<std::string, EvidenceBook> evidence_;                // by variant
  std::map<std::string, CorrelationMonitor> correlations_;      // by variant; stored with its evidence
  std::map<std::string, PcaMonitor> components_;                // likewise
  std::map<std::string, VolumeMonitor> volumes_;                // by variant; stored with its evidence
  std::int64_t closed_up_to_ = INT64_MIN;
  // Silence: what the traffic so far lets expect.
  std::int64_t first_event_ns_ = 0, last_event_ns_ = 0, longest_gap_ns_ = 0, silent_since_ns_ = 0;
  std::set<std::string> gaps_;  // monitors of gaps in the log that are still alerted
  // The newest window.
  std::int64_t window_start_ns_ = 0, window_end_ns_ = 0;
  std::uint64_t window_count_ = 0;
  std::map<Variant, std::vector<FeatureSnapshot>> window_features_;
  std::map<Variant, std::uint64_t> window_counts_;  // records; empty after a start, until the next step closes
  // To be written by the next Save.
  bool changed_ = true;
  std::set<std::pair<std::int64_t, Variant>> changed_panes_, dropped_panes_;
  std::set<std::string> changed_evidence_;  // variants
  std::vector<StoredSummary> finished_steps_;
  std::vector<StoredWindow> finished_windows_;
  std::vector<Closing> closings_;
};

}  // namespace monitor
