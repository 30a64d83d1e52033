#include "monitor/ctl/traffic/trial_looks.h"

#include <algorithm>
#include <deque>
#include <map>

#include "monitor/ctl/traffic/feature_values.h"
#include "monitor/ctl/traffic/record_probe.h"

namespace monitor {
namespace {

constexpr std::size_t kShown = 3;

std::string CellText(const DecodedRecord& record, std::size_t column) {
  const Cell& cell = record.row->cells[column];
  if (cell.state == CellState::kTypeFault) return "wrong type";
  if (cell.state == CellState::kMissing) return "";
  const baselines::ProfileColumn& base = record.frame->column(column);
  if (base.kind() == detectors::FeatureKind::kNumeric) {
    char text[40];
    std::snprintf(text, sizeof text, "%.7g", cell.number);
    return text;
  }
  const auto& dictionary = base.summary.shape().dictionary;
  if (cell.category < dictionary.size()) return dictionary.name(cell.category);
  if (cell.category == detectors::CategoryDictionary::kOther) return "(one of the rarer categories)";
  const std::string* const unseen = record.row->UnseenName(column);
  return unseen == nullptr ? "" : *unseen + " (unknown to training)";
}

Trial::Shown ShownOf(const RecordProbe::Seen& seen) {
  const DecodedRecord& record = seen.record;
  Trial::Shown shown;
  shown.raw = seen.body;
  shown.id = record.id;
  shown.version = record.version;
  shown.variant = record.variant;
  shown.time_ns = record.time_ns;
  const Frame& frame = *record.frame;
  for (std::size_t i = 0; i < frame.features(); ++i)
    shown.features.emplace_back(frame.column(i).name, CellText(record, i));
  if (frame.prediction() >= 0) shown.prediction = CellText(record, static_cast<std::size_t>(frame.prediction()));
  if (frame.score() >= 0) shown.score = CellText(record, static_cast<std::size_t>(frame.score()));
  return shown;
}

// What is seen only record by record.
class Looker {
 public:
  Looker(const CountingPlan& plan, const std::string& model, Trial& trial)
      : plan_(plan),
        model_(model),
        trial_(trial),
        probe_(plan, [this](const RecordProbe::Seen& seen) { Look(seen); }) {}

  void Take(const SampledMessage& message) { probe_.Take(message); }

  void Finish() {
    for (const auto& [name, use] : names_) {
      if (use.known) continue;
      trial_.extras.push_back({name, use.example, use.records});
    }
    std::ranges::stable_sort(trial_.extras, std::greater(), &Trial::Extra::records);
    for (Trial::Feature& feature : trial_.features) {
      const detectors::FeatureSummary& training = trial_.baseline->Find(feature.name)->summary;
      feature.named = names_.contains(feature.name) || (names_.empty() && 2 * training.missing() > training.records());
      if (const auto fault = faults_.find(feature.name); fault != faults_.end()) feature.fault = fault->second;
    }
    trial_.shown.assign(std::make_move_iterator(shown_.begin()), std::make_move_iterator(shown_.end()));
    if (skews_.empty()) return;
    std::ranges::sort(skews_);
    Trial::Skew& skew = trial_.skew.emplace();
    skew.records = skews_.size();
    skew.least = skews_.front();
    skew.median = skews_[skews_.size() / 2];
    skew.most = skews_.back();
    skew.own_times = skew.least != 0 || skew.most != 0;
    skew.disordered = disordered_;
    skew.worst_disorder = worst_disorder_;
  }

 private:
  struct Use {
    std::uint64_t records = 0;
    std::string example;
    bool known = false;
  };

  void Look(const RecordProbe::Seen& seen) {
    const DecodedRecord& record = seen.record;
    if (record.reject || record.skipped || record.model->name != model_) return;
    trial_.first_ns = trial_.probed == 0 ? record.time_ns : std::min(trial_.first_ns, record.time_ns);
    trial_.last_ns = trial_.probed == 0 ? record.time_ns : std::max(trial_.last_ns, record.time_ns);
    ++trial_.probed;
    trial_.extra_values += record.row->extra;
    if (!record.id.empty()) {
      ++trial_.with_id;
      trial_.request_id = record.id;
    }
    LookAtTime(record, seen.message);
    LookAtFeatures(record, seen);
    shown_.push_back(ShownOf(seen));
    if (shown_.size() > kShown) shown_.pop_front();
  }

  void LookAtTime(const DecodedRecord& record, const SampledMessage& message) {
    if (!message.timestamp_ns) return;
    skews_.push_back(static_cast<double>(record.time_ns - *message.timestamp_ns) / 1e9);
    const auto [latest, first] = latest_.try_emplace(message.shard, record.time_ns);
    if (!first && record.time_ns < latest->second) {
      ++disordered_;
      worst_disorder_ = std::max(worst_disorder_, static_cast<double>(latest->second - record.time_ns) / 1e9);
    }
    latest->second = std::max(latest->second, record.time_ns);
  }

  void LookAtFeatures(const DecodedRecord& record, const RecordProbe::Seen& seen) {
    const TopicPlan& topic = *plan_.topics.at(seen.message.shard.topic);
    std::vector<FeatureValue> values;
    if (topic.format == Format::kFlatJson) {
      values = FeatureValues(topic, seen.message.View(headers_));
    } else {
      const std::string body = RequestBody(seen.body);
      values = FeatureValues(topic, {body});
    }
    for (FeatureValue& value : values) {
      const int column = record.frame->Find(value.name, 0);
      Use& use = names_[value.name];
      ++use.records;
      use.known = column >= 0;
      if (column >= 0 && record.row->cells[static_cast<std::size_t>(column)].state == CellState::kTypeFault)
        faults_[value.name] = value.text;
      use.example = std::move(value.text);
    }
  }

  const CountingPlan& plan_;
  const std::string& model_;
  Trial& trial_;
  RecordProbe probe_;
  std::map<std::string, Use> names_;
  std::map<std::string, std::string> faults_;
  std::deque<Trial::Shown> shown_;
  std::vector<double> skews_;
  std::map<ShardId, std::int64_t> latest_;
  std::uint64_t disordered_ = 0;
  double worst_disorder_ = 0;
  std::vector<Header> headers_;
};

}  // namespace

void LookAtRecords(const CountingPlan& plan, const std::string& model, const std::vector<SampledMessage>& messages,
                   Trial& trial) {
  Looker looker(plan, model, trial);
  std::size_t to_skip = trial.messages > kProbed ? trial.messages - kProbed : 0;
  for (const SampledMessage& message : messages) {
    const auto topic = plan.topics.find(message.shard.topic);
    if (topic == plan.topics.end() || topic->second->labels) continue;
    if (to_skip > 0) {
      --to_skip;
    } else {
      looker.Take(message);
    }
  }
  looker.Finish();
}

}  // namespace monitor
