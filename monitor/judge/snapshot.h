// Snapshot: the committed state of the daemon as /metrics and the API show it.
//
// The judge makes a new one after every checkpoint and publishes it as shared_ptr<const Snapshot>; readers never wait
// for it and never see a value that a crash could take back. Closed windows, alerts and rejects are not in it: they are
// read from the store (store/history.h). Times are ns since 1970, 0 where there is none.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "monitor/ingest/reject.h"
#include "monitor/judge/counters.h"
#include "monitor/labels/label_counters.h"

namespace monitor {

struct VersionSnapshot {
  std::string version, variant;
  std::string baseline_version, baseline_digest;
  std::uint64_t baseline_rows = 0;
  std::map<std::string, std::string> baseline_learnt;  // parts that are no training data, and what traffic they are of
  std::uint64_t counted = 0;
  std::int64_t last_seen_ns = 0;  // largest event time
};

// The newest closed window of one feature, for /metrics.
struct FeatureSnapshot {
  std::string version, variant, feature;
  std::optional<double> psi, ks, js, wasserstein, effect;
  std::optional<double> missing_ratio, unseen_ratio, evidence;
  bool firing = false;  // an alert about it is firing
  bool drift = false;   // verdict drift or broken
};

enum class Health { kOk, kBehind, kStalled, kNoData };
enum class ModelMood { kOk, kCalibrating, kWarning, kAlarm };

// The newest judged cohort of one version, for /metrics.
struct QualitySnapshot {
  std::string version, variant;
  double coverage = 0;
  std::map<std::string, double> metrics, estimated;
};

// How far the scatter of live steps is learnt. Evidence is weighed with conservative values until it is.
struct CalibrationSnapshot {
  std::size_t steps = 0, of = 0;  // with values
  std::int64_t until_ns = 0;      // when the last of them will have closed, if none is empty
};

struct ModelSnapshot {
  std::string name;  // "" collects rejects that belong to no model
  std::vector<VersionSnapshot> versions;
  Health health = Health::kOk;
  ModelMood mood = ModelMood::kOk;
  ModelCounters counters;
  std::optional<LabelCounters> labels;  // of models that have labels
  std::vector<QualitySnapshot> quality;
  double sampling_rate = 1;  // share of ids that are kept for labels
  std::int64_t watermark_ns = 0;
  std::uint64_t lag = 0;  // records between the read position and the end of its topics
  bool lag_known = false;
  std::int64_t window_start_ns = 0, window_end_ns = 0;  // newest closed window
  std::uint64_t window_count = 0;
  std::vector<FeatureSnapshot> features;
  std::optional<CalibrationSnapshot> calibrating;  // while design effects are not known
};

struct ShardSnapshot {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next_offset = 0;
  std::optional<std::int64_t> end_offset;  // newest known end of log
  std::uint64_t lost = 0;                  // records that the broker no longer had
  bool at_end = false;
};

struct AlertCount {
  std::string model, state, cause;
  std::uint64_t count = 0;
};

struct Snapshot {
  std::vector<ModelSnapshot> models;  // configuration order; the model "" last, when it has counters
  std::vector<ShardSnapshot> shards;
  std::vector<AlertCount> alerts;
  std::map<std::pair<std::string, std::string>, std::uint64_t> notifications;  // (target, delivered|retry|dead) → tries
  std::map<std::pair<std::string, std::string>, std::uint64_t> retrains;
  std::map<std::string, std::uint64_t> outbox_pending;
  std::array<std::uint64_t, 12> checkpoint_buckets{};  // cumulative counts per bound of kCheckpointBounds
  std::uint64_t checkpoints = 0;
  double checkpoint_seconds_sum = 0;
  std::uint64_t checkpoint_bytes = 0;
  bool config_reload_ok = true;
  std::string config_error;       // of the last failed reload
  bool broker_reachable = false;  // metadata of every topic was received
  std::string not_ready;          // empty when ready: else why not, for /readyz
};

inline constexpr std::array<double, 12> kCheckpointBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                          0.05,   0.1,   0.25,   0.5,   1,    2.5};

// Where the judge puts the newest snapshot and readers take it. Thread-safe.
class SnapshotBoard {
 public:
  void Publish(std::shared_ptr<const Snapshot> snapshot) {
    std::lock_guard lock(mutex_);
    snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const Snapshot> Read() const {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();  // guarded by mutex_
};

}  // namespace monitor
