// TopicReader: the messages that a topic holds now, from a point in time on, read once and without leaving a trace.
//
// No group, no commits: the daemon's own position stays as it is. One thread. Throws KafkaError: the broker does not
// answer within kPatience, the topic does not exist, the log is cut off while it is read.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "monitor/ingest/kafka/kafka_client.h"
#include "monitor/ingest/message.h"

namespace monitor {

class TopicReader {
 public:
  static constexpr auto kPatience = std::chrono::seconds(30);  // without any message before the end

  explicit TopicReader(const Config& config);
  ~TopicReader();

  // Every message whose Kafka timestamp is not before `from_ns` up to the end that the log has now, in the order of
  // each partition; a topic that was read before goes on where it was left. `go_on` gets the share that is done.
  // Returns false when it said no before the end.
  bool Read(const std::string& topic, std::int64_t from_ns, const std::function<void(const Message&)>& take,
            const std::function<bool(double done)>& go_on);

 private:
  KafkaPartitions Partitions(const std::string& topic);

  std::string brokers_;
  KafkaHandle client_;
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> next_;  // offsets of partitions that were read
};

}  // namespace monitor
