#include "monitor/ingest/kafka/dead_letters.h"

// The macros of rd_kafka_producev are C.
#pragma GCC diagnostic ignored "-Wold-style-cast"

namespace monitor {

DeadLetters::DeadLetters(const Config& config) : topic_(config.dead_letters), client_(MakeProducer(config)) {}

void DeadLetters::Copy(const rd_kafka_message_t& message, Reject reason) {
  const std::string_view topic = rd_kafka_topic_name(message.rkt), why = Text(reason);
  const std::string partition = std::to_string(message.partition), offset = std::to_string(message.offset);
  while (true) {
    const auto fault = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_KEY(message.key, message.key_len),
        RD_KAFKA_V_VALUE(message.payload, message.len),
        RD_KAFKA_V_HEADER("source_topic", topic.data(), static_cast<ssize_t>(topic.size())),
        RD_KAFKA_V_HEADER("source_partition", partition.data(), static_cast<ssize_t>(partition.size())),
        RD_KAFKA_V_HEADER("source_offset", offset.data(), static_cast<ssize_t>(offset.size())),
        RD_KAFKA_V_HEADER("reason", why.data(), static_cast<ssize_t>(why.size())),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (fault != RD_KAFKA_RESP_ERR__QUEUE_FULL) return;
    rd_kafka_poll(client_.get(), 100);
  }
}

bool DeadLetters::Flush(std::chrono::milliseconds wait) {
  return rd_kafka_flush(client_.get(), static_cast<int>(wait.count())) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace monitor
