// Learning: how far one model has learnt its baseline, or the parts that its baseline lacks, from live traffic.
//
// The range that is learnt from begins with the first hour that has more than a thousandth of the rows wanted and ends
// with the hour in which there are enough of them over the time wanted: whole hours, so that it is the same however
// partitions took turns. It is complete when a record later than its end by `allowed_lateness` has come. Owned by the
// learner's thread but for Progress().
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "baselines/profile.h"
#include "monitor/ingest/record_block.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/serve/learning_progress.h"
#include "monitor/training/learning_plan.h"
#include "monitor/training/traffic_rows.h"

namespace monitor {

class Learning {
 public:
  static constexpr std::uint64_t kFew = 100;  // fewer than one row in so many is hardly any
  static constexpr std::uint64_t kLeastLabels = 100;

  // Parts that a baseline lacks and that live traffic may have; none of them: all of the baseline is learnt.
  struct Parts {
    bool prediction = false, score = false, quality = false;
    bool any() const { return prediction || score || quality; }
  };
  // Quality is among them where its labels can be read again: from a topic, and each of them written there.
  static Parts LackedBy(const baselines::Profile& baseline, const ModelConfig& model);
  // Takes parts away that hardly any row has: once learnt they would stay as those few make them.
  static void DropScarce(baselines::Profile& learnt);

  // `baseline`: what the model has; nullptr: nothing yet. Throws std::filesystem::filesystem_error.
  Learning(const Config& config, const ModelConfig& model, std::shared_ptr<const baselines::Profile> baseline,
           std::int64_t wall_ns);

  const Config& config() const { return config_; }  // what it does not say of the model is taken from the baseline
  const ModelConfig& model() const { return model_; }
  const std::shared_ptr<const baselines::Profile>& baseline() const { return baseline_; }
  const Parts& lacked() const { return parts_; }
  std::int64_t begin_ns() const { return begin_ns_; }
  // What its traffic is read with: whether it may have scores.
  LearningColumns columns() const;

  // A pass over the log: begins anew, takes records, measures what it has at the end of what there is. Only
  // Measure and StartOver throw: std::filesystem::filesystem_error.
  void Start();
  void Note(const DecodedRecord& record);
  void NoteHalf(std::int64_t ns);  // a request whose response comes apart
  void Show() { shown_rows_ = rows_; }
  void Measure();

  // Parts were looked for in as many rows as are wanted, and fewer than one in kFew has any.
  bool in_vain() const { return baseline_ != nullptr && looked_ >= wanted_rows() && rows_ * kFew < looked_; }
  // Looks again from now on.
  void StartOver(std::int64_t wall_ns);

  bool enough() const { return end_ns_ && last_ns_ >= SaturatingAdd(*end_ns_, model_.allowed_lateness.count()); }
  TimeRange Range() const;
  std::uint64_t rows() const { return rows_in_range_; }  // counted of the range; 0 until there are enough
  // Wall time at which the labels of the range have come, as far as they do; INT64_MIN: none are configured.
  std::int64_t labels_due_ns() const;
  // Nothing but quality is still to be had, so it is worth to wait for labels.
  bool waits_for_labels() const { return parts_.quality && (baseline_->prediction || baseline_->score); }

  // Nothing where no part that is lacked has been seen yet. Thread-safe.
  std::optional<LearningProgress> Progress() const;

  // The learner's own: when it may work on this again, and after a fault how long that is from then.
  std::chrono::steady_clock::time_point not_before{};
  std::chrono::seconds pause{};
  std::string last_fault;

 private:
  std::uint64_t wanted_rows() const { return static_cast<std::uint64_t>(wanted_.rows); }
  void Count(std::int64_t ns);

  Config config_;
  ModelConfig model_;
  std::shared_ptr<const baselines::Profile> baseline_;
  Parts parts_;
  LearnConfig wanted_;
  bool unnamed_;  // outputs may be without a name
  std::int64_t begin_ns_ = INT64_MIN;
  bool begin_kept_ = true;
  std::uint64_t looked_ = 0, rows_ = 0;  // records of the model, and those among them that count
  std::uint64_t rows_in_range_ = 0;
  std::map<std::int64_t, std::uint64_t> per_hour_;
  std::int64_t first_ns_ = INT64_MAX, last_ns_ = INT64_MIN;
  std::optional<std::int64_t> end_ns_;  // of the range, once there is enough in it
  std::atomic<std::uint64_t> shown_rows_{0};
  std::atomic<std::int64_t> shown_length_ns_{0}, shown_due_ns_{0};
  std::atomic<bool> prediction_seen_{false}, score_seen_{false};
};

}  // namespace monitor
