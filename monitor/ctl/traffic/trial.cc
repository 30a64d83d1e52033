#include "monitor/ctl/traffic/trial.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>

#include "monitor/ctl/traffic/feature_values.h"
#include "monitor/ctl/traffic/record_probe.h"
#include "monitor/daemon/load_baselines.h"
#include "monitor/ingest/shard_counter.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kBatch = 500;
constexpr std::size_t kShown = 3;
constexpr std::size_t kNamesKept = 5;
constexpr auto kForEver = std::chrono::hours(24 * 365 * 100);

// The model and those that share its requests, telling nobody and keeping everything.
Config Alone(Config config, const std::string& name) {
  const auto model = std::ranges::find(config.models, name, &ModelConfig::name);
  if (model == config.models.end()) throw ConfigError("there is no model " + name);
  const std::string topic = model->requests.topic;
  std::erase_if(config.models, [&](const ModelConfig& other) { return other.requests.topic != topic; });
  for (ModelConfig& other : config.models) {
    if (other.name != name) other.labels.reset();
  }
  config.notify.clear();
  config.retrain.clear();
  config.dead_letters.clear();
  config.history = kForEver;
  return config;
}

void CountAll(Judge& judge, const CountingPlan& plan, const std::vector<SampledMessage>& messages) {
  std::map<ShardId, std::unique_ptr<ShardCounter>> counters;
  for (const SampledMessage& message : messages) {
    const auto topic = plan.topics.find(message.shard.topic);
    if (topic == plan.topics.end()) continue;
    auto& counter = counters[message.shard];
    if (counter == nullptr)
      counter =
          std::make_unique<ShardCounter>(message.shard, topic->second, judge.AddShard(message.shard, message.offset));
  }
  const auto hand_over = [&] {
    for (auto& [shard, counter] : counters) {
      if (counter->dirty()) judge.Apply(counter->Take());
    }
  };
  std::vector<Header> headers;
  std::size_t read = 0;
  for (const SampledMessage& message : messages) {
    const auto counter = counters.find(message.shard);
    if (counter == counters.end()) continue;
    counter->second->Add(message.View(headers));
    counter->second->EndBatch();
    if (++read % kBatch == 0) hand_over();
  }
  hand_over();
  judge.FinishInput();
  judge.Checkpoint();
}

void TakeCounters(const Snapshot& snapshot, const std::string& name, Trial& trial) {
  for (const ModelSnapshot& model : snapshot.models) {
    if (model.name == name) {
      trial.counters.Add(model.counters);
      trial.labels = model.labels;
      for (const VersionSnapshot& version : model.versions) trial.versions[version.version] += version.counted;
    } else if (model.name.empty()) {
      trial.counters.Add(model.counters);
    } else {
      trial.elsewhere += model.counters.received();
    }
  }
}

std::vector<Trial::Reject> Rejects(const std::array<std::uint64_t, kRejects>& counts, const json& samples,
                                   const std::function<bool(const std::string& topic)>& of) {
  std::vector<Trial::Reject> rejects;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    Trial::Reject& reject = rejects.emplace_back();
    reject.reason = kRejectTexts[i];
    reject.count = counts[i];
    for (const json& sample : samples) {
      if (sample["reason"] != reject.reason || !of(sample["topic"])) continue;
      reject.topic = sample["topic"];
      reject.partition = sample["partition"];
      reject.offset = sample["offset"];
      reject.sample = sample["payload"].is_null() ? "" : sample["payload"].get<std::string>();
      reject.hint = sample["hint"].is_null() ? "" : sample["hint"].get<std::string>();
    }
  }
  std::ranges::stable_sort(rejects, std::greater(), &Trial::Reject::count);
  return rejects;
}

// Everything that was counted over one baseline, as one summary.
void TakeSteps(StateStore& store, const std::string& name, const ModelBaselines& baselines, Trial& trial) {
  std::map<std::string, PaneSummary> sums;  // by digest
  std::uint64_t records = 0;
  for (const StoredSummary& step : store.Steps(name, INT64_MIN)) {
    for (const auto& [version, profile] : baselines.by_version) {
      if (profile->digest != step.digest) continue;
      auto sum = sums.find(step.digest);
      const auto frame = sum == sums.end() ? std::make_shared<const Frame>(profile) : sum->second.frame;
      if (sum == sums.end()) sum = sums.emplace(step.digest, PaneSummary::Empty(frame)).first;
      const PaneSummary read = PaneSummary::Decode(step.bytes, frame);
      records += read.records;
      sum->second.Merge(read);
      break;
    }
  }
  if (sums.empty())
    sums.emplace(baselines.newest->digest, PaneSummary::Empty(std::make_shared<const Frame>(baselines.newest)));
  const PaneSummary& sum =
      std::ranges::max_element(sums, {}, [](const auto& each) { return each.second.records; })->second;
  const Frame& frame = *sum.frame;
  trial.baseline = frame.shared_profile();
  trial.over_others = records - sum.records;
  trial.counted.rows = sum.records;
  const auto features = static_cast<std::ptrdiff_t>(frame.features());
  trial.counted.features.assign(sum.columns.begin(), sum.columns.begin() + features);
  if (frame.prediction() >= 0) trial.counted.prediction = sum.columns[static_cast<std::size_t>(frame.prediction())];
  if (frame.score() >= 0) trial.counted.score = sum.columns[static_cast<std::size_t>(frame.score())];
}

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

void LookAtLabels(const CountingPlan& plan, const std::vector<SampledMessage>& messages, Trial& trial) {
  std::map<std::string, LabelDecoder> decoders;
  std::vector<Header> headers;
  for (auto message = messages.rbegin(); message != messages.rend() && trial.label_id.empty(); ++message) {
    const auto topic = plan.topics.find(message->shard.topic);
    if (topic == plan.topics.end() || !topic->second->labels) continue;
    LabelDecoder& decoder = decoders.try_emplace(topic->first, topic->second).first->second;
    for (const DecodedLabel& label : decoder.Decode(message->View(headers))) trial.label_id = label.id;
  }
}

}  // namespace

Trial RunTrial(const Config& given, const std::string& name, const std::vector<SampledMessage>& messages) {
  const Config config = Alone(given, name);
  const ModelConfig& model = *std::ranges::find(config.models, name, &ModelConfig::name);
  const auto baselines = LoadBaselines(config);
  const auto store = StateStore::InMemory();
  SnapshotBoard board;
  const auto still = [] { return std::int64_t{0}; };
  Judge judge(*store, {}, board, {still, still});
  const auto plan = judge.Configure(config, baselines, {});
  judge.SetNotReady("");
  CountAll(judge, *plan, messages);

  Trial trial;
  TakeCounters(*board.Read(), name, trial);
  TakeSteps(*store, name, baselines.at(name), trial);
  HistoryQuery everything;
  everything.limit = 1'000'000;
  const json samples = History(store->db()).Rejects(everything)["rejects"];
  const auto brings_labels = [&](const std::string& topic) {
    const auto found = plan->topics.find(topic);
    return found != plan->topics.end() && found->second->labels;
  };
  trial.rejects =
      Rejects(trial.counters.rejects, samples, [&](const std::string& topic) { return !brings_labels(topic); });
  if (trial.labels) trial.label_rejects = Rejects(trial.labels->rejects, samples, brings_labels);
  for (std::size_t i = 0; i < trial.counted.features.size(); ++i) {
    const detectors::FeatureSummary& live = trial.counted.features[i];
    trial.features.push_back(
        {trial.baseline->features[i].name, live.records(), live.missing(), live.type_faults(), live.unseen(),
         live.unseen() > 0 ? live.categories().TopUnseen(kNamesKept) : std::vector<detectors::NamedCount>()});
  }
  const std::size_t requests = static_cast<std::size_t>(
      std::ranges::count_if(messages, [&](const SampledMessage& each) { return !brings_labels(each.shard.topic); }));
  trial.messages = requests;
  trial.label_messages = messages.size() - requests;
  Looker looker(*plan, model.name, trial);
  std::size_t to_skip = requests > kProbed ? requests - kProbed : 0;
  for (const SampledMessage& message : messages) {
    if (brings_labels(message.shard.topic)) continue;
    if (to_skip > 0) {
      --to_skip;
    } else {
      looker.Take(message);
    }
  }
  looker.Finish();
  if (trial.label_messages > 0) LookAtLabels(*plan, messages, trial);
  return trial;
}

}  // namespace monitor
