// DeadLetters: rejected records copied to a topic of their own, whole, with their source and reason as headers.
//
// At least once: a delta that holds rejects is handed over only after Flush has told that the broker has all copies.
// Headers: source_topic, source_partition, source_offset, reason. Owned by one counter's thread.
#pragma once

#include <chrono>
#include <string>

#include "monitor/ingest/kafka/kafka_client.h"
#include "monitor/ingest/reject.h"

namespace monitor {

class DeadLetters {
 public:
  explicit DeadLetters(const Config& config);

  void Copy(const rd_kafka_message_t& message, Reject reason);
  // True when every copy so far is safe; waits for that at most as long.
  bool Flush(std::chrono::milliseconds wait);

 private:
  std::string topic_;
  KafkaHandle client_;
};

}  // namespace monitor
