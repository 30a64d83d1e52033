#include "monitor/ingest/topic_watcher.h"

#include <chrono>

#include "monitor/daemon/log.h"

namespace monitor {
namespace {

constexpr int kAskMs = 2000;
constexpr auto kEvery = std::chrono::seconds(1);

// librdkafka's query of the ends of a log does not keep its own time-out: when the broker dies under it, it waits for the socket's, a minute by
// default. The watcher asks for little and must notice an outage soon.
Config WithShortTimeouts(Config config) {
  config.kafka_properties.try_emplace("socket.timeout.ms", "4000");
  return config;
}

struct MetadataDeleter {
  void operator()(const struct rd_kafka_metadata* metadata) const { rd_kafka_metadata_destroy(metadata); }
};

}  // namespace

TopicWatcher::TopicWatcher(const Config& config, Callbacks callbacks)
    : client_(MakeConsumer(WithShortTimeouts(config))), callbacks_(std::move(callbacks)), brokers_(config.brokers) {
  thread_ = std::thread([this] { Run(); });
}

TopicWatcher::~TopicWatcher() { Stop(); }

void TopicWatcher::SetTopics(std::map<std::string, StartAt> topics) {
  const std::lock_guard lock(mutex_);
  topics_ = std::move(topics);
}

void TopicWatcher::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void TopicWatcher::Run() {
  while (!stop_) {
    std::map<std::string, StartAt> topics;
    {
      const std::lock_guard lock(mutex_);
      topics = topics_;
    }
    const auto began = std::chrono::steady_clock::now();
    if (!topics.empty()) Look(topics);
    rd_kafka_poll(client_.get(), 0);
    progress_.fetch_add(1, std::memory_order_relaxed);
    while (!stop_ && std::chrono::steady_clock::now() - began < kEvery) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void TopicWatcher::Look(const std::map<std::string, StartAt>& topics) {
  std::erase_if(known_, [&](const auto& entry) { return !topics.contains(entry.first.topic); });
  for (const auto& [topic, start] : topics) {
    if (auto& handle = handles_[topic]; handle == nullptr) handle.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  }
  callbacks_.probe_begins();
  const struct rd_kafka_metadata* raw = nullptr;
  if (const auto fault = rd_kafka_metadata(client_.get(), 0, nullptr, &raw, kAskMs); fault != RD_KAFKA_RESP_ERR_NO_ERROR) {
    callbacks_.probe_ended(std::nullopt);
    callbacks_.ready("the broker at " + brokers_ + " does not answer (" + rd_kafka_err2str(fault) + "); trying on");
    return;
  }
  const std::unique_ptr<const struct rd_kafka_metadata, MetadataDeleter> metadata(raw);
  std::map<ShardId, std::int64_t> ends;
  std::map<std::string, std::vector<Partition>> fresh;
  std::set<std::string> seen;
  bool complete = true;
  for (int t = 0; t < metadata->topic_cnt; ++t) {
    const struct rd_kafka_metadata_topic& topic = metadata->topics[t];
    const auto wanted = topics.find(topic.topic);
    if (wanted == topics.end() || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    seen.insert(topic.topic);
    for (int p = 0; p < topic.partition_cnt && !stop_; ++p) {
      const ShardId shard{topic.topic, topic.partitions[p].id};
      std::int64_t low = 0, high = 0;
      if (rd_kafka_query_watermark_offsets(client_.get(), topic.topic, shard.partition, &low, &high, kAskMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        complete = false;
        break;
      }
      ends[shard] = high;
      if (known_.contains(shard)) continue;
      const auto start = StartOffset(shard, wanted->second, low, high);
      complete = complete && start.has_value();
      if (start) fresh[topic.topic].push_back({shard, low, *start});
    }
    if (!complete) break;
  }
  if (!complete) {
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
  for (const auto& [topic, partitions] : fresh) {
    callbacks_.found(topic, partitions);
    for (const Partition& partition : partitions) known_[partition.shard] = ends[partition.shard];
  }
  callbacks_.probe_ended(std::move(ends));
  callbacks_.ready({});
}

std::optional<std::int64_t> TopicWatcher::StartOffset(const ShardId& shard, const StartAt& start, std::int64_t low, std::int64_t high) {
  if (start.kind == StartAt::Kind::kEarliest) return low;
  if (start.kind == StartAt::Kind::kLatest) return high;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  KafkaPartitions list(rd_kafka_topic_partition_list_new(1));
  auto* entry = rd_kafka_topic_partition_list_add(list.get(), shard.topic.c_str(), shard.partition);
  entry->offset = std::chrono::duration_cast<std::chrono::milliseconds>(now - start.ago).count();
  if (rd_kafka_offsets_for_times(client_.get(), list.get(), kAskMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return entry->offset < 0 ? high : entry->offset;
}

}  // namespace monitor
