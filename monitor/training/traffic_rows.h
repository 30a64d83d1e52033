// TrafficRows: messages of a model's topics → rows of training data, with the daemon's own decoders and mapping.
//
// Labels first, then requests: a row takes the label that its id has then. Rows of other models, outside of the time
// range, without their other half, or with an id that was there already are left out. Features join as they occur. What
// was read is kept as captured requests in a temporary file (json_table.h). Memory: 16 bytes per row, about 100 per
// label, and the halves that wait, at most kMostWaiting bytes. Not thread-safe.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "baselines/csv/spool.h"
#include "baselines/profile.h"
#include "monitor/ingest/label_decoder.h"
#include "monitor/training/learning_plan.h"
#include "monitor/training/topic_decoder.h"

namespace monitor {

struct TimeRange {
  std::int64_t from_ns = INT64_MIN, to_ns = INT64_MAX;  // of events; the end is outside
  bool Has(std::int64_t ns) const { return ns >= from_ns && ns < to_ns; }
};

class TrafficRows {
 public:
  static constexpr std::size_t kMostWaiting = std::size_t{1} << 30;
  static constexpr std::size_t kMostFeatures = 10'000;

  struct Counts {
    std::uint64_t messages = 0, rows = 0, labelled = 0;
    std::uint64_t rejected = 0, skipped = 0, outside = 0, repeated = 0, others = 0,
                  unchosen = 0;                              // why messages or rows are no rows
    std::uint64_t waiting = 0;                               // halves without the other one
    std::map<std::string, std::uint64_t> versions;           // of the rows
    std::int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;  // event times of the rows
  };

  // `share` of the rows is kept, chosen by a hash of the id (of the message, where there is none), so that the choice
  // is the same whenever the traffic is read. `score`: whether the model may have scores; an output without a name is
  // its prediction where it has none.
  TrafficRows(const Config& config, const std::string& model, TimeRange range, double share = 1, bool score = true);

  const ModelConfig& model() const { return *model_; }
  // Of any topic of the model. Throws std::runtime_error when there are more features, or more halves waiting, than can
  // be kept.
  void Add(const std::string& topic, const Message& message);

  const Counts& counts() const { return counts_; }
  // The baseline of the rows so far; none may be added then. Quality is counted on `score_bins` where they are given.
  // Throws baselines::BuildError.
  baselines::Profile Build(const std::string& version, const std::string& created,
                           std::optional<detectors::ScoreBins> score_bins = std::nullopt);

 private:
  void Plan();
  void AddLabels(const std::vector<DecodedLabel>& labels);
  void AddHalf(const Message& message);
  template <class Decode>
  void AddRows(const Decode& decode, const std::function<std::vector<std::string>()>& names);
  bool Join(const std::vector<std::string>& names);
  bool Chosen(std::uint64_t hash) const { return std::ldexp(static_cast<double>(hash >> 11), -53) < share_; }
  void Write(const DecodedRecord& record);

  Config config_;
  const ModelConfig* model_;
  TimeRange range_;
  double share_;
  std::uint64_t message_hash_ = 0;
  LearningColumns columns_;
  std::shared_ptr<const CountingPlan> plan_;
  std::unique_ptr<TopicDecoder> requests_;
  std::unique_ptr<LabelDecoder> feedback_, label_decoder_;  // of labels among requests, and of the labels' topic
  std::unordered_map<std::string, CallHalf> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::unordered_map<std::string, std::string> labels_;  // by id
  std::unordered_set<std::uint64_t> seen_;               // hashes of ids
  baselines::Spool spool_;
  std::string line_;
  Counts counts_;
};

}  // namespace monitor
