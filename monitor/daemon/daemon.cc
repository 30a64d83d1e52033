#include "monitor/daemon/daemon.h"

#include <chrono>
#include <fstream>
#include <random>

#include "alerts/messages/time_text.h"
#include "monitor/daemon/baselines/load_baselines.h"
#include "monitor/daemon/log.h"
#include "monitor/daemon/targets.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/serve/api.h"

namespace monitor {
namespace {

std::int64_t SteadyNs() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}
std::int64_t WallNs() { return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count(); }

double Random() {
  thread_local std::mt19937_64 engine(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

std::map<std::string, StartAt> Topics(const Config& config) {
  std::map<std::string, StartAt> topics;
  for (const ModelConfig& model : config.models) {
    topics.emplace(model.requests.topic, model.requests.start);
    if (!model.requests.responses.empty()) topics.emplace(model.requests.responses, model.requests.start);
    if (model.labels && !model.labels->topic.empty()) topics.emplace(model.labels->topic, model.labels->start);
  }
  return topics;
}

}  // namespace

Daemon::Daemon(Config config)
    : config_(std::move(config)),
      lock_(config_.state),
      store_(config_.state / "monitord.db"),
      http_client_(alerts::MakeCurlClient()) {
  learner_ = std::make_unique<BaselineLearner>(BaselineLearner::Made{
      [this](const std::string& model, const baselines::Profile& profile) { TakeLearnt(model, profile); },
      [this](const std::string& model, const baselines::Profile& learnt) { return TakeLearntParts(model, learnt); }});
  server_ = std::make_unique<HttpServer>(
      config_, board_, config_.state / "monitord.db",
      HttpServer::Hooks{
          [this](const OperatorAction& who) { return Reload(ReloadBy(who)); },
          [this] { return fatal(); },
          [this](const OperatorAction& action) { return Act(action); },
          [this](const std::string& model, const std::string& lines) { return PushLabels(model, lines); },
          {[this](const std::string& model) { return ListBaselines(model); },
           [this](const std::string& model, const std::string& version, const std::string& text,
                  const OperatorAction& who) { return PutBaseline(model, version, text, who); },
           [this](const std::string& model, const OperatorAction& who) { return RollBackBaseline(model, who); }},
          [this] { return learner_->Progress(); },
          &gaps_});
  const std::string address = config_.listen_host + ":" + std::to_string(server_->port());
  // Where a free port was asked for, monitorctl finds it here.
  std::ofstream(config_.state / "http.address") << address << '\n';
  default_url_ = "http://" + address;
  if (config_.external_url.empty()) config_.external_url = default_url_;
  judge_ = std::make_unique<Judge>(store_, config_.state / "index", board_, Judge::Clocks{SteadyNs, WallNs});
  auto targets = MakeTargets(config_, http_client_);
  registry_ = MakeSchemaRegistry(config_, SchemaRegistry::Files::kReadAndWritten);
  const auto baselines = LoadBaselines(config_);
  const Config watched = WatchedOf(config_, baselines);
  plan_ = WithRegistry(judge_->Configure(watched, baselines, targets), registry_);

  delivery_ = std::make_unique<alerts::Delivery>(
      std::move(targets), WallNs, Random,
      [this](const alerts::OutboxRow& row) {
        if (row.state == alerts::OutboxRow::State::kDead) {
          Log(LogLevel::kError, "message " + row.id + " to " + row.target + " is given up after " +
                                    std::to_string(row.attempts) + " tries: " + row.last_error);
        }
        loop_->Post([this, row](Judge& judge) {
          judge.NoteDelivery(row);
          judge.NotePending(delivery_->pending());
        });
      },
      [this](const alerts::RetrainRun& run, const alerts::RunStatus& status) {
        loop_->Post([run, status](Judge& judge) { judge.NoteRun(run, status); });
      });
  auto pending = judge_->PendingOutbox();
  const auto runs = judge_->RunsToFollow();
  loop_ = std::make_unique<JudgeLoop>(
      *judge_,
      [this](std::vector<alerts::OutboxRow> rows) {
        if (rows.empty()) return;
        delivery_->Enqueue(std::move(rows));
        judge_->NotePending(delivery_->pending());
      },
      [this](std::string why) {
        Log(LogLevel::kError, "the state cannot be kept: " + why);
        const std::lock_guard lock(mutex_);
        fatal_ = std::move(why);
      },
      SteadyNs);
  delivery_->Enqueue(std::move(pending));
  delivery_->Follow(runs);
  for (int worker = 0; worker < config_.ingest_workers; ++worker) {
    counters_.push_back(std::make_unique<KafkaCounter>(
        config_, plan_,
        KafkaCounter::HandOver{[this] { return loop_->HasRoom(); },
                               [this](ShardDelta delta) { loop_->Push(std::move(delta)); }},
        [this] {
          std::map<ShardId, std::int64_t> offsets;
          const auto snapshot = board_.Read();
          for (const ShardSnapshot& shard : snapshot->shards)
            offsets[{shard.topic, shard.partition}] = shard.next_offset;
          return offsets;
        },
        gaps_));
  }
  watcher_ = std::make_unique<TopicWatcher>(
      config_, TopicWatcher::Callbacks{
                   [this](const std::string& topic, const std::vector<TopicWatcher::Partition>& fresh) {
                     OnPartitions(topic, fresh);
                   },
                   [this] { loop_->Post([](Judge& judge) { judge.BeginProbe(); }); },
                   [this](std::optional<std::map<ShardId, std::int64_t>> ends) {
                     loop_->Post([this, ends = std::move(ends)](Judge& judge) {
                       judge.EndProbe(ends);
                       RestShardsAhead(judge);
                     });
                   },
                   [this](std::string why) { loop_->Post([why](Judge& judge) { judge.SetNotReady(why); }); }});
  watcher_->SetTopics(Topics(watched));
  running_ = true;
  learner_->SetModels(config_, baselines);
}

Daemon::~Daemon() { Stop(); }

void Daemon::OnPartitions(const std::string& topic, const std::vector<TopicWatcher::Partition>& fresh) {
  loop_->Post([this, topic, fresh](Judge& judge) {
    // `start:` holds for the first start of a topic only; partitions that join later are read from their beginning.
    const bool first_start = !judge.KnowsTopic(topic);
    for (const TopicWatcher::Partition& partition : fresh) {
      const ShardStart start =
          judge.AddShard(partition.shard, first_start ? partition.start : partition.low, partition.end);
      CounterOf(partition.shard).Assign(partition.shard, start);
    }
  });
}

void Daemon::RestShardsAhead(Judge& judge) {
  std::set<ShardId> ahead = judge.ShardsAhead();
  if (ahead == resting_) return;
  resting_ = ahead;
  for (const auto& counter : counters_) counter->Pause(ahead);
}

ActionAnswer Daemon::Act(const OperatorAction& action) {
  if (!running_) return {503, {{"error", "monitord is starting or stopping; try again"}}};
  // When the judge ends before it answers, the promise goes with the mail, and get() throws.
  auto answer = std::make_shared<std::promise<ActionAnswer>>();
  auto committed = answer->get_future();
  loop_->Post([action, answer = std::move(answer)](Judge& judge) {
    judge.Act(action, [answer](ActionAnswer what) { answer->set_value(std::move(what)); });
  });
  try {
    return committed.get();
  } catch (const std::future_error&) {
    return {503, {{"error", "monitord stopped before this was committed; look whether it happened, and try again"}}};
  }
}

nlohmann::json Daemon::PushLabels(const std::string& model, const std::string& lines) {
  if (!running_) throw BadRequest("monitord is starting or stopping; try again");
  struct Done {
    std::optional<LabelCounters> counters;
    std::uint64_t checkpoints;
  };
  const Done done = loop_->Ask<Done>([&](Judge& judge) {
    const std::uint64_t checkpoints = board_.Read()->checkpoints;
    if (!judge.HasLabels(model)) return Done{std::nullopt, checkpoints};
    return Done{judge.PushLabels(model, lines), checkpoints};
  });
  if (!done.counters) throw BadRequest("model `" + model + "` has no `labels:` in its configuration");
  while (running_ && board_.Read()->checkpoints <= done.checkpoints)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (!running_)
    throw BadRequest("monitord is stopping; push the labels again, what has been joined already counts as duplicates");
  const LabelCounters& moved = *done.counters;
  const std::uint64_t received = moved.joined + moved.corrected + moved.duplicate + moved.unmatched + moved.late +
                                 moved.unsampled + moved.waiting + moved.skipped + moved.rejected();
  return {{"received", received},         {"joined", moved.joined},       {"corrected", moved.corrected},
          {"duplicate", moved.duplicate}, {"unmatched", moved.unmatched}, {"late", moved.late},
          {"unsampled", moved.unsampled}, {"waiting", moved.waiting},     {"skipped", moved.skipped},
          {"rejected", moved.rejected()}};
}

void Daemon::NoteReload(bool ok, const std::string& problem, const AuditEntry& why) {
  auto answer = std::make_shared<std::promise<void>>();
  auto committed = answer->get_future();
  loop_->Post([=, answer = std::move(answer)](Judge& judge) {
    judge.NoteReload(ok, problem, why, [answer](const ActionAnswer&) { answer->set_value(); });
  });
  // A judge that ends takes the promise with its mail, one that cannot write its state any more never answers.
  while (committed.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout && fatal().empty()) {
  }
}

AuditEntry Daemon::ReloadBy(const OperatorAction& who) {
  return {
      .action = "reload", .subject = CurrentConfig().file.string(), .model = "", .by = who.by, .comment = who.comment};
}

std::string Daemon::Reload(const AuditEntry& why) {
  if (!running_) return "monitord is starting or stopping; try again";
  const std::lock_guard only_one(reload_mutex_);
  if (!running_) return "monitord is stopping";
  try {
    Config fresh = ReadConfig(config_.file);
    const auto baselines = LoadBaselines(fresh);
    if (fresh.state != config_.state || fresh.brokers != config_.brokers ||
        fresh.kafka_properties != config_.kafka_properties || fresh.ingest_workers != config_.ingest_workers ||
        fresh.listen_port != config_.listen_port || fresh.listen_host != config_.listen_host) {
      throw ConfigError(
          config_.file.string() +
          ": `state`, `listen`, `kafka` and `ingest` are read at the start only; restart monitord to change them");
    }
    // All counters hand over and rest, so the boundary at which the new baselines take effect lies beyond every record
    // that was counted.
    for (const auto& counter : counters_) {
      std::promise<void> held;
      auto done = held.get_future();
      counter->Hold([&held] { held.set_value(); });
      done.wait();
    }
    if (fresh.external_url.empty()) fresh.external_url = default_url_;
    auto targets = MakeTargets(fresh, http_client_);
    if (fresh.schema_registry != config_.schema_registry)
      registry_ = MakeSchemaRegistry(fresh, SchemaRegistry::Files::kReadAndWritten);
    const Config watched = WatchedOf(fresh, baselines);
    plan_ = WithRegistry(loop_->Ask<std::shared_ptr<const CountingPlan>>(
                             [&](Judge& judge) { return judge.Configure(watched, baselines, targets); }),
                         registry_);
    for (const auto& counter : counters_) counter->SetPlan(plan_);
    delivery_->SetTargets(targets);
    delivery_->Follow(loop_->Ask<std::vector<alerts::RetrainRun>>([](Judge& judge) { return judge.RunsToFollow(); }));
    watcher_->SetTopics(Topics(watched));
    learner_->SetModels(fresh, baselines);
    server_->Apply(fresh);
    config_ = std::move(fresh);
    NoteReload(true, {}, why);
    Log(LogLevel::kInfo, "configuration reloaded from " + config_.file.string());
    return {};
  } catch (const std::exception& fault) {
    const std::string problem = fault.what();
    Log(LogLevel::kError, "reload refused, the old configuration stays in force: " + problem);
    for (const auto& counter : counters_) counter->SetPlan(plan_);  // those that rest go on
    NoteReload(false, problem, why);
    return problem;
  }
}

bool Daemon::AllLoopsMove(std::string& stuck) {
  std::vector<std::uint64_t> progress{loop_->progress(), watcher_->progress()};
  for (const auto& counter : counters_) progress.push_back(counter->progress());
  const std::vector<std::uint64_t> before = std::exchange(last_progress_, progress);
  stuck.clear();
  for (std::size_t i = 0; i < before.size() && i < progress.size(); ++i) {
    if (before[i] == progress[i])
      stuck += std::string(stuck.empty() ? "" : ", ") + (i == 0 ? "judge" : i == 1 ? "topic watcher" : "counter");
  }
  return stuck.empty();
}

std::string Daemon::StatusLine() const {
  const auto snapshot = board_.Read();
  if (!snapshot->not_ready.empty()) return snapshot->not_ready;
  std::uint64_t counted = 0, lag = 0;
  for (const ModelSnapshot& model : snapshot->models) counted += model.counters.counted, lag += model.lag;
  return std::to_string(snapshot->models.size()) + " models, " + Thousands(counted) + " records counted, lag " +
         Thousands(lag);
}

std::string Daemon::fatal() const {
  const std::lock_guard lock(mutex_);
  return fatal_;
}

void Daemon::Stop() {
  if (watcher_ == nullptr) return;
  running_ = false;
  learner_->Stop();
  {
    const std::lock_guard no_reload(reload_mutex_);
    watcher_->Stop();
    for (const auto& counter : counters_) counter->Stop();
    loop_->Stop();
    delivery_->Stop();
  }
  server_.reset();  // waits for requests, which may wait for the lock
  counters_.clear();
  watcher_.reset();
}

}  // namespace monitor
