// TopicWatcher: a thread that asks the broker once a second which partitions there are and where their logs end.
//
// It has a client of its own, so that its waiting never holds back a counter. An unreachable broker is asked again and
// again; nothing here ends the daemon. The callbacks run on the watcher's thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "monitor/ingest/kafka/kafka_client.h"
#include "monitor/ingest/shard_delta.h"

namespace monitor {

class TopicWatcher {
 public:
  struct Partition {
    ShardId shard;
    std::int64_t low;    // first offset of the log
    std::int64_t start;  // where `start:` of its topic begins
    std::int64_t end;    // one beyond the last record
  };
  struct Callbacks {
    std::function<void(const std::string& topic, const std::vector<Partition>& fresh)>
        found;  // partitions not told before
    std::function<void()> probe_begins;
    std::function<void(std::optional<std::map<ShardId, std::int64_t>> ends)> probe_ended;
    std::function<void(std::string why)> ready;  // empty: every topic that exists is known
  };

  TopicWatcher(const Config& config, Callbacks callbacks);
  ~TopicWatcher();

  void SetTopics(std::map<std::string, StartAt> topics);
  void Stop();
  std::uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }

 private:
  void Run();
  void Look(const std::map<std::string, StartAt>& topics);
  std::optional<std::map<ShardId, std::int64_t>> StartOffsets(const std::vector<ShardId>& shards,
                                                              const std::map<std::string, StartAt>& topics,
                                                              const std::map<ShardId, std::int64_t>& lows,
                                                              const std::map<ShardId, std::int64_t>& ends);

  KafkaHandle client_;
  Callbacks callbacks_;
  std::string brokers_;
  std::set<ShardId> known_;                    // partitions told
  std::map<std::string, KafkaTopic> handles_;  // make librdkafka ask for these topics alone
  std::set<std::string> absent_;               // topics that do not exist (logged once)
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, StartAt> topics_;  // guarded by mutex_
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> progress_{0};
  std::thread thread_;
};

}  // namespace monitor
