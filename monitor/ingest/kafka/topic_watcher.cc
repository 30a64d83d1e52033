#include "monitor/ingest/kafka/topic_watcher.h"

#include <chrono>

#include "monitor/daemon/log.h"
#include "monitor/daemon/thread_name.h"
#include "monitor/ingest/kafka/topic_offsets.h"

namespace monitor {
namespace {

constexpr int kAskMs = 2000;
constexpr auto kEvery = std::chrono::seconds(1);

}  // namespace

TopicWatcher::TopicWatcher(const Config& config, Callbacks callbacks)
    : client_(MakeConsumer(config)), callbacks_(std::move(callbacks)), brokers_(config.brokers) {
  thread_ = std::thread([this] { Run(); });
}

TopicWatcher::~TopicWatcher() { Stop(); }

void TopicWatcher::SetTopics(std::map<std::string, StartAt> topics) {
  const std::lock_guard lock(mutex_);
  topics_ = std::move(topics);
}

void TopicWatcher::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void TopicWatcher::Run() {
  NameThread("topic watcher");
  while (!stop_) {
    std::map<std::string, StartAt> topics;
    {
      const std::lock_guard lock(mutex_);
      topics = topics_;
    }
    const auto began = std::chrono::steady_clock::now();
    if (!topics.empty()) {
      Look(topics);
    } else {
      callbacks_.ready({});  // every model still learns its baseline
    }
    rd_kafka_poll(client_.get(), 0);
    progress_.fetch_add(1, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, began + kEvery, [this] { return stop_.load(); });
  }
}

void TopicWatcher::Look(const std::map<std::string, StartAt>& topics) {
  std::erase_if(known_, [&](const ShardId& shard) { return !topics.contains(shard.topic); });
  for (const auto& [topic, start] : topics) {
    if (auto& handle = handles_[topic]; handle == nullptr)
      handle.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  }
  callbacks_.probe_begins();
  const struct rd_kafka_metadata* raw = nullptr;
  if (const auto fault = rd_kafka_metadata(client_.get(), 0, nullptr, &raw, kAskMs);
      fault != RD_KAFKA_RESP_ERR_NO_ERROR) {
    callbacks_.probe_ended(std::nullopt);
    callbacks_.ready("the broker at " + brokers_ + " does not answer (" + rd_kafka_err2str(fault) + "); trying on");
    return;
  }
  const KafkaMetadata metadata(raw);
  std::set<std::string> seen;
  std::vector<ShardId> all, unknown;
  for (int t = 0; t < metadata->topic_cnt; ++t) {
    const struct rd_kafka_metadata_topic& topic = metadata->topics[t];
    const auto wanted = topics.find(topic.topic);
    if (wanted == topics.end() || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    seen.insert(topic.topic);
    for (int p = 0; p < topic.partition_cnt; ++p) {
      all.push_back({topic.topic, topic.partitions[p].id});
      if (!known_.contains(all.back())) unknown.push_back(all.back());
    }
  }
  const auto ends =
      OffsetsAt(client_.get(), kAskMs, all, [](const ShardId&) { return std::int64_t{RD_KAFKA_OFFSET_END}; });
  const auto lows =
      OffsetsAt(client_.get(), kAskMs, unknown, [](const ShardId&) { return std::int64_t{RD_KAFKA_OFFSET_BEGINNING}; });
  std::optional<std::map<ShardId, std::int64_t>> starts;
  if (ends && lows) starts = StartOffsets(unknown, topics, *lows, *ends);
  if (!starts) {
    callbacks_.probe_ended(std::nullopt);
    callbacks_.ready("the broker at " + brokers_ + " does not tell the ends of all partitions yet; trying on");
    return;
  }
  for (const auto& [topic, start] : topics) {
    if (seen.contains(topic)) {
      absent_.erase(topic);
    } else if (absent_.insert(topic).second) {
      Log(LogLevel::kWarning, "topic " + topic + " does not exist yet; it is read as soon as it does");
    }
  }
  std::map<std::string, std::vector<Partition>> fresh;
  for (const auto& [shard, start] : *starts)
    fresh[shard.topic].push_back({shard, lows->at(shard), start, ends->at(shard)});
  for (const auto& [topic, partitions] : fresh) {
    callbacks_.found(topic, partitions);
    for (const Partition& partition : partitions) known_.insert(partition.shard);
  }
  callbacks_.probe_ended(ends);
  callbacks_.ready({});
}

std::optional<std::map<ShardId, std::int64_t>> TopicWatcher::StartOffsets(const std::vector<ShardId>& shards,
                                                                          const std::map<std::string, StartAt>& topics,
                                                                          const std::map<ShardId, std::int64_t>& lows,
                                                                          const std::map<ShardId, std::int64_t>& ends) {
  std::map<ShardId, std::int64_t> starts;
  std::vector<ShardId> by_time;
  for (const ShardId& shard : shards) {
    const StartAt::Kind kind = topics.at(shard.topic).kind;
    starts[shard] = kind == StartAt::Kind::kEarliest ? lows.at(shard) : ends.at(shard);
    if (kind == StartAt::Kind::kAgo) by_time.push_back(shard);
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto found = OffsetsAt(client_.get(), kAskMs, by_time, [&](const ShardId& shard) {
    return std::int64_t{
        std::chrono::duration_cast<std::chrono::milliseconds>(now - topics.at(shard.topic).ago).count()};
  });
  if (!found) return std::nullopt;
  for (const auto& [shard, offset] : *found) {
    if (offset >= 0) starts[shard] = offset;  // else nothing is that young: the end
  }
  return starts;
}

}  // namespace monitor
