// CountingPlan: what a counter must know to decode and count, prepared once from configuration and baselines.
//
// Immutable and shared: a reload makes a new plan and hands it over between two batches. An epoch says which lengths
// and baselines are in force from a point of event time on, so a record is counted on the same bins whenever it is read
// again.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "baselines/profile.h"
#include "baselines/values/value_text.h"
#include "detectors/quality/score_bins.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/avro/schema_source.h"
#include "monitor/ingest/formats/format.h"

namespace monitor {

// A profile prepared for counting: its columns in one list (features, then prediction and score where the training data
// had them).
class Frame {
 public:
  explicit Frame(std::shared_ptr<const baselines::Profile> profile);

  const baselines::Profile& profile() const { return *profile_; }
  const std::shared_ptr<const baselines::Profile>& shared_profile() const { return profile_; }
  std::size_t columns() const { return columns_.size(); }
  std::size_t features() const { return profile_->features.size(); }
  const baselines::ProfileColumn& column(std::size_t i) const { return *columns_[i]; }
  int prediction() const { return prediction_; }  // column number or -1
  int score() const { return score_; }
  const detectors::ScoreBins& score_bins() const { return score_bins_; }

  // Number of the feature called `name`, or -1. `expected` is tried first: producers write features in a steady order.
  int Find(std::string_view name, std::size_t expected) const;
  // The same names and kinds in the same order: a number means the same cell in both, a category need not. Compares
  // hashes of 128 bits, because a topic of many models asks at every record.
  bool SameColumns(const Frame& other) const { return columns_hash_ == other.columns_hash_; }

 private:
  std::shared_ptr<const baselines::Profile> profile_;
  std::vector<const baselines::ProfileColumn*> columns_;
  std::unordered_map<std::string_view, int> by_name_;
  int prediction_ = -1;
  int score_ = -1;
  std::array<std::uint64_t, 2> columns_hash_{};
  detectors::ScoreBins score_bins_;  // with the quantiles of the baseline's scores among its edges
};

// The lengths and baselines in force from `from_ns` of event time on.
struct Epoch {
  std::int64_t from_ns = INT64_MIN;
  std::int64_t pane_ns = 0, step_ns = 0, window_ns = 0;
  std::map<std::string, std::shared_ptr<const Frame>, std::less<>>
      by_version;                       // baselines by the version they were built for
  std::shared_ptr<const Frame> newest;  // for versions without a baseline of their own

  const std::shared_ptr<const Frame>& FrameOf(std::string_view version) const {
    const auto found = by_version.find(version);
    return found == by_version.end() ? newest : found->second;
  }
  // Same lengths and same baselines, whatever the beginning.
  bool SamePlan(const Epoch& other) const;
};

struct ModelPlan {
  std::string name;
  std::string default_version;
  std::string positive;  // class that `score` is the probability of
  std::int64_t lateness_ns = 0, skew_ns = 0, idle_after_ns = 0;
  TimeSource time = TimeSource::kEvent, label_time = TimeSource::kEvent;
  baselines::Task task = baselines::Task::kNone;
  std::vector<std::string> classes;  // canonical; order of `probabilities` where they come as a list
  bool labels = false;               // labels are joined by id, so every record needs one
  // How long a prediction is kept for its label (without labels: to tell duplicates), and a label for its prediction.
  std::int64_t max_delay_ns = 0, early_ttl_ns = 0;
  baselines::MissingTexts missing;
  std::vector<Epoch> epochs;  // ascending; the first from the beginning of time

  const Epoch& EpochAt(std::int64_t ns) const;
};

// One topic and the models that read it.
struct TopicPlan {
  std::string topic;
  bool labels = false;  // it brings labels, not requests
  Format format = Format::kFlatJson;
  std::map<std::string, std::string> fields;
  std::shared_ptr<const Mapping> mapping;       // nullptr: `fields` says all
  std::shared_ptr<const LocalSchemas> schemas;  // of Avro, in the configuration; nullptr: none
  std::shared_ptr<SchemaSource> registry;       // nullptr: none is configured
  StartAt start;
  std::vector<std::shared_ptr<const ModelPlan>> models;

  const ModelPlan* Find(std::string_view model) const;
  // Whether reading a message needs the headers around it.
  bool NeedsHeaders() const;
};

struct CountingPlan {
  std::map<std::string, std::shared_ptr<const TopicPlan>> topics;
};

}  // namespace monitor
