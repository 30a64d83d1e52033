#include "monitor/ingest/kafka/kafka_message.h"

namespace monitor {

Message MessageOf(const rd_kafka_message_t& message, bool with_headers, std::vector<Header>& headers) {
  headers.clear();
  rd_kafka_headers_t* list = nullptr;
  if (with_headers && rd_kafka_message_headers(&message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      headers.push_back({name, {static_cast<const char*>(value), size}});
  }
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t ms = rd_kafka_message_timestamp(&message, &kind);
  std::optional<std::int64_t> timestamp;
  if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && ms >= 0) timestamp = ms * 1'000'000;
  return {{static_cast<const char*>(message.payload), message.len},
          message.offset,
          timestamp,
          {static_cast<const char*>(message.key), message.key_len},
          headers};
}

}  // namespace monitor
