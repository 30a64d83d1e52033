// Configuration and baselines → plans: which epoch is in force when, and what counters need to know.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

#include "baselines/compare.h"
#include "baselines/profile_file.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/evidence/alarm_shares.h"
#include "monitor/judge/judge_model.h"
#include "monitor/judge/triage/changed_settings.h"

namespace monitor {
namespace {

std::string PlanText(const Epoch& epoch) {
  nlohmann::json versions = nlohmann::json::object();
  for (const auto& [version, frame] : epoch.by_version) versions[version] = frame->profile().digest;
  return nlohmann::json{{"pane", epoch.pane_ns},
                        {"step", epoch.step_ns},
                        {"window", epoch.window_ns},
                        {"newest", epoch.newest->profile().digest},
                        {"versions", versions}}
      .dump();
}

Epoch WantedEpoch(const ModelConfig& config, const ModelBaselines& baselines) {
  Epoch epoch;
  epoch.pane_ns = config.pane.count();
  epoch.step_ns = config.step.count();
  epoch.window_ns = config.window.count();
  for (const auto& [version, profile] : baselines.by_version) {
    epoch.by_version[version] = std::make_shared<const Frame>(profile);
    if (profile == baselines.newest) epoch.newest = epoch.by_version[version];
  }
  return epoch;
}

// Without labels a prediction is remembered to tell that it came twice: producers repeat within minutes, jobs within a
// day.
constexpr std::int64_t kDuplicatesNs = std::chrono::nanoseconds(std::chrono::hours(24)).count();

// What the model does: as configured, as its training data tell, or as its predictions look.
baselines::Task TaskOf(const ModelConfig& config, const baselines::Profile& profile) {
  if (config.task) return *config.task;
  if (profile.task != baselines::Task::kNone || !config.labels || !profile.prediction) return profile.task;
  if (profile.prediction->kind() == detectors::FeatureKind::kCategorical) {
    return profile.prediction->distinct <= 2 && !(config.positive.empty() && profile.positive.empty())
               ? baselines::Task::kBinary
               : baselines::Task::kMultiClass;
  }
  return profile.prediction->inferred == "decimal" ? baselines::Task::kRegression : baselines::Task::kMultiClass;
}

}  // namespace

void Judge::NoteNewPlan(const std::string& model, const Epoch& before, const Epoch& now) {
  const auto note = [&](const std::string& what) { circumstances_.NoteChange(model, now.from_ns, what); };
  if (std::tie(before.pane_ns, before.step_ns, before.window_ns) != std::tie(now.pane_ns, now.step_ns, now.window_ns))
    note("the configuration set new lengths of pane, step or window");
  for (const auto& [version, frame] : now.by_version) {
    const auto old = before.by_version.find(version);
    if (old != before.by_version.end() && old->second->profile().digest == frame->profile().digest) continue;
    note("a new baseline of version " + version + " takes effect; " +
         baselines::MovedText(before.newest->profile(), frame->profile()));
  }
  for (const auto& [version, frame] : before.by_version) {
    if (!now.by_version.contains(version)) note("the baseline of version " + version + " is taken away");
  }
}

Epoch Judge::ReadEpoch(const StoredEpoch& stored, std::map<std::string, std::shared_ptr<const Frame>>& frames) {
  const auto plan = nlohmann::json::parse(stored.plan);
  const auto frame = [&](const std::string& digest) {
    auto& slot = frames[digest];
    if (slot == nullptr) {
      const auto json = store_.ProfileJson(digest);
      if (!json) throw StoreError("state: the baseline " + digest + " is gone from the database");
      slot = std::make_shared<const Frame>(
          std::make_shared<const baselines::Profile>(baselines::ProfileFromJson(*json, "state:" + digest)));
    }
    return slot;
  };
  Epoch epoch;
  epoch.from_ns = stored.from_ns;
  epoch.pane_ns = plan.at("pane");
  epoch.step_ns = plan.at("step");
  epoch.window_ns = plan.at("window");
  epoch.newest = frame(plan.at("newest"));
  for (const auto& [version, digest] : plan.at("versions").items()) epoch.by_version[version] = frame(digest);
  return epoch;
}

std::vector<Epoch> Judge::Epochs(const ModelConfig& config, Epoch wanted, std::int64_t largest_event_ns) {
  std::map<std::string, std::shared_ptr<const Frame>> frames;
  for (const auto& [version, frame] : wanted.by_version) frames[frame->profile().digest] = frame;
  std::vector<Epoch> epochs;
  for (const StoredEpoch& stored : store_.Epochs(config.name)) epochs.push_back(ReadEpoch(stored, frames));
  if (!epochs.empty() && epochs.back().SamePlan(wanted)) return epochs;
  if (!epochs.empty() && largest_event_ns != Watermark::kNone) {
    // The next boundary of both the old and the new steps that no record has reached.
    const std::int64_t both = std::lcm(epochs.back().step_ns, wanted.step_ns);
    wanted.from_ns = SaturatingAdd(FloorTo(largest_event_ns, both), both);
    std::erase_if(epochs, [&](const Epoch& epoch) { return epoch.from_ns >= wanted.from_ns; });
  } else {
    epochs.clear();
  }
  if (!epochs.empty()) NoteNewPlan(config.name, epochs.back(), wanted);
  NewEpoch fresh{config.name, {wanted.from_ns, PlanText(wanted)}, {}};
  for (const auto& [version, frame] : wanted.by_version) fresh.profiles.push_back(frame->shared_profile());
  new_epochs_.push_back(std::move(fresh));
  epochs.push_back(std::move(wanted));
  return epochs;
}

// Cohorts that end before it are final: no prediction in them can be kept for a label any more.
std::int64_t Judge::OldestOpenCohort(const ModelConfig& config) const {
  if (!config.labels) return INT64_MAX;
  std::int64_t oldest = INT64_MAX;
  for (const auto& [id, shard] : shards_) {
    if (id.topic != config.labels->topic) continue;
    const auto seen = shard.start.largest_event_ns.find(config.name);
    oldest = std::min(oldest, seen == shard.start.largest_event_ns.end() ? INT64_MIN : seen->second);
  }
  constexpr std::int64_t kMargin =
      std::chrono::nanoseconds(std::chrono::hours(72)).count();  // segments are forgotten whole
  return oldest == INT64_MAX ? INT64_MIN
                             : SaturatingAdd(oldest, -config.labels->max_delay.count() - config.window.count() -
                                                         2 * config.allowed_lateness.count() - kMargin);
}

std::shared_ptr<const CountingPlan> Judge::Configure(const Config& config,
                                                     const std::map<std::string, ModelBaselines>& baselines,
                                                     std::vector<std::shared_ptr<alerts::Target>> targets) {
  std::map<std::string, std::unique_ptr<Model>> models;
  std::map<std::string, std::shared_ptr<TopicPlan>> topics;
  for (const ModelConfig& model_config : config.models) {
    const auto running = models_.find(model_config.name);
    std::int64_t largest = Watermark::kNone;
    for (const auto& [id, shard] : shards_) {
      const auto seen = shard.start.largest_event_ns.find(model_config.name);
      const RequestsConfig& requests = model_config.requests;
      if ((id.topic == requests.topic || id.topic == requests.responses) && seen != shard.start.largest_event_ns.end())
        largest = std::max(largest, seen->second);
    }
    const ModelBaselines& own = baselines.at(model_config.name);
    ModelPlan plan;
    plan.name = model_config.name;
    plan.default_version = model_config.version.empty() ? own.newest->version : model_config.version;
    plan.positive = model_config.positive.empty() ? own.newest->positive : model_config.positive;
    plan.lateness_ns = model_config.allowed_lateness.count();
    plan.skew_ns = model_config.max_clock_skew.count();
    plan.idle_after_ns = model_config.idle_after.count();
    plan.time = model_config.requests.time;
    plan.labels = model_config.labels.has_value();
    plan.task = TaskOf(model_config, *own.newest);
    plan.classes = model_config.classes;
    plan.max_delay_ns = plan.labels ? model_config.labels->max_delay.count() : kDuplicatesNs;
    if (plan.labels) {
      plan.early_ttl_ns = model_config.labels->early_ttl.count();
      plan.label_time = model_config.labels->time;
    }
    if (model_config.missing_values) {
      plan.missing = baselines::MissingTexts(*model_config.missing_values);
    } else if (!own.newest->missing_texts.empty()) {
      plan.missing = baselines::MissingTexts(own.newest->missing_texts);
    }
    plan.epochs = Epochs(model_config, WantedEpoch(model_config, own), largest);
    const auto shared = std::make_shared<const ModelPlan>(std::move(plan));

    if (running != models_.end()) {
      const std::string changed = ChangedSettings(config_, config, model_config.name);
      if (!changed.empty() && largest != Watermark::kNone)
        circumstances_.NoteChange(model_config.name, largest, "the configuration was reloaded with another " + changed);
      running->second->state.SetPlan(shared, model_config, BudgetOf(config));
      running->second->labels.SetPlan(shared);
      running->second->watermark.SetPlan(shared->lateness_ns, shared->idle_after_ns);
      running->second->label_watermark.SetPlan(shared->lateness_ns, shared->idle_after_ns);
      running->second->epochs = shared->epochs;
      models[model_config.name] = std::move(running->second);
    } else {
      const auto watermark = [&](Watermark::WhenIdle idle) {
        return Watermark(shared->lateness_ns, shared->idle_after_ns, idle);
      };
      auto model = std::make_unique<Model>(Model{ModelState(store_, shared, model_config, BudgetOf(config)),
                                                 watermark(Watermark::WhenIdle::kGoesOn),
                                                 LabelJoin(index_, store_, shared),
                                                 watermark(Watermark::WhenIdle::kStands),
                                                 {},
                                                 {},
                                                 {},
                                                 shared->epochs});
      if (const auto stored = states_.extract(model_config.name); !stored.empty()) {
        model->state.Load(stored.mapped());
        model->watermark.Restore(model->state.closed_up_to());
      }
      if (model->saved_labels = store_.LabelState(model_config.name); !model->saved_labels.empty()) {
        detectors::Decoder in(model->saved_labels);
        model->labels.Decode(in);
        model->quality.Decode(in);
      }
      for (const auto& [id, shard] : shards_) {
        const auto seen = shard.start.largest_event_ns.find(model_config.name);
        model->AddShard(id, seen == shard.start.largest_event_ns.end() ? std::nullopt : std::optional(seen->second),
                        clocks_.steady());
      }
      model->labels.cohorts().Load(OldestOpenCohort(model_config));
      models[model_config.name] = std::move(model);
    }
    const RequestsConfig& requests = model_config.requests;
    const auto plan_of = [&requests](const std::string& name) {
      auto topic = std::make_shared<TopicPlan>();
      topic->topic = name;
      topic->format = FormatNamed(requests.format);
      topic->fields = requests.fields;
      topic->mapping = requests.mapping;
      topic->schemas = requests.schemas;
      topic->start = requests.start;
      return topic;
    };
    for (const std::string& name : {requests.topic, requests.responses}) {
      if (name.empty()) continue;
      auto& topic = topics[name];
      if (topic == nullptr) topic = plan_of(name);
      topic->models.push_back(shared);
    }
    auto& pairs = models[model_config.name]->pairs;
    if (!ComesInHalves(FormatNamed(requests.format))) {
      pairs.reset();
    } else {
      if (pairs == nullptr) pairs = std::make_unique<PairBook>(store_.db(), model_config.name);
      const auto alone = plan_of(requests.topic);
      alone->models.push_back(shared);
      pairs->SetPlan(alone);
    }
    if (!model_config.labels || model_config.labels->topic.empty()) continue;
    auto& labels = topics[model_config.labels->topic];
    if (labels == nullptr) {
      labels = std::make_shared<TopicPlan>();
      labels->topic = model_config.labels->topic;
      labels->labels = true;
      labels->fields = model_config.labels->fields;
      labels->mapping = model_config.labels->mapping;
      labels->schemas = model_config.labels->schemas;
      labels->format = FormatNamed(model_config.labels->format);
      labels->start = model_config.labels->start;
    }
    labels->models.push_back(shared);
  }
  std::set<std::uint64_t> owners;
  for (const auto& [name, model] : models) owners.insert(model->labels.owner());
  index_.ForgetOthers(owners);
  // A model that is configured no more keeps its stored state; it is taken up again when it comes back.
  for (auto& [name, model] : models_) {
    if (model == nullptr) continue;
    store_.Begin();
    model->state.Save();
    SaveLabels(*model);
    store_.Commit();
    states_[name] = store_.Models()[name];
  }
  const bool first = models_.empty();
  models_ = std::move(models);
  config_ = config;
  targets_ = std::move(targets);
  for (const auto& target : targets_) {
    for (const auto& [key, value] : desk_.Memory(target->name())) target->Recall(key, value);
  }
  if (first) board_.Publish(MakeSnapshot());  // all that is there was committed before the restart
  auto plan = std::make_shared<CountingPlan>();
  for (auto& [name, topic] : topics) plan->topics[name] = std::move(topic);
  return plan;
}

}  // namespace monitor
