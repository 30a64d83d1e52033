#include "monitor/ctl/traffic/trial.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>

#include "monitor/ctl/traffic/trial_looks.h"
#include "monitor/daemon/baselines/load_baselines.h"
#include "monitor/ingest/avro/await_schema.h"
#include "monitor/ingest/avro/schema_registry.h"
#include "monitor/ingest/shard_counter.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kBatch = 500;
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
    const Message view = message.View(headers);
    AwaitSchema(*counter->second, view);
    counter->second->Add(view);
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
  for (const StoredSummary& step : store.ClosedSteps(name, INT64_MIN)) {
    for (const auto& [version, profile] : baselines.by_version) {
      if (profile->digest != step.digest) continue;
      auto sum = sums.find(step.digest);
      const auto frame = sum == sums.end() ? std::make_shared<const Frame>(profile) : sum->second.frame;
      if (sum == sums.end()) sum = sums.emplace(step.digest, PaneSummary::Empty(frame)).first;
      const PaneSummary read =
          PaneSummary::Decode(store.StepBytes(name, step.start_ns, step.version, step.variant).value(), frame);
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
  const auto plan =
      WithRegistry(judge.Configure(config, baselines, {}), MakeSchemaRegistry(config, SchemaRegistry::Files::kRead));
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
  LookAtRecords(*plan, model.name, messages, trial);
  if (trial.label_messages > 0) LookAtLabels(*plan, messages, trial);
  return trial;
}

}  // namespace monitor
