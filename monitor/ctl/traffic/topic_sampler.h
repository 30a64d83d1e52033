// TopicSampler: reads the newest messages of topics to look at them, bounded by a number or a time.
//
// Leaves no trace at the broker: partitions are assigned, no group is joined and no offset committed. Waits at most
// `Patience::connect` for an answer and `Patience::silence` for the next message. Throws SampleError that says what is
// wrong and what to do: brokers that do not answer (and how long was waited), no such topic (with near names), an empty
// topic, nothing in the range of time (and when the last record was). Not thread-safe. Memory: what was read, at most
// kMostBytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "monitor/ctl/traffic/sampled_message.h"
#include "monitor/ingest/kafka/kafka_client.h"

namespace monitor {

class SampleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct TopicSample {
  std::string topic;
  std::uint64_t in_range = 0;            // offsets that were asked for; more than messages where the log has gaps
  std::vector<SampledMessage> messages;  // by time; those of one partition in their order
  std::string cut;                       // why not everything was read; empty: it was
};

class TopicSampler {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{512} << 20;
  struct Patience {
    std::chrono::milliseconds connect = std::chrono::seconds(10), silence = std::chrono::seconds(15);
  };
  struct Range {
    std::uint64_t records = 0;             // at most so many, the newest over all partitions
    std::optional<std::int64_t> since_ns;  // by the time of the messages
  };
  using Progress = std::function<void(double done)>;

  // Brokers and properties are the configuration's.
  TopicSampler(const Config& config, Patience patience);

  // All topics that the user may see, but for those of Kafka itself.
  std::vector<std::string> Topics();
  TopicSample Read(const std::string& topic, const Range& range, const Progress& progress);

 private:
  using Offsets = std::map<ShardId, std::int64_t>;

  const std::map<std::string, int>& Partitions();  // of all topics; asks once
  Offsets Ask(const std::vector<ShardId>& shards, std::int64_t wanted);
  void ReadTo(const Offsets& ends, Offsets starts, TopicSample& sample, const Progress& progress);
  [[noreturn]] void FailUnreachable();
  [[noreturn]] void FailMissing(const std::string& topic);
  std::string LastRecord(const Offsets& lows, const Offsets& ends);

  std::string brokers_;
  Patience patience_;
  std::string fault_;  // what the client said last
  KafkaHandle client_;
  KafkaQueue queue_;
  std::optional<std::map<std::string, int>> partitions_;
};

}  // namespace monitor
