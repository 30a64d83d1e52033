// SampledMessage: a Kafka message that was read to be looked at, with bytes of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ingest/message.h"
#include "monitor/ingest/shard_delta.h"

namespace monitor {

struct SampledMessage {
  SampledMessage(ShardId from, const Message& message)
      : shard(std::move(from)),
        offset(message.offset),
        timestamp_ns(message.timestamp_ns),
        key(message.key),
        value(message.value) {
    for (const Header& header : message.headers) headers.emplace_back(header.name, header.value);
  }

  // As decoders take it; views into this one and into `views`.
  Message View(std::vector<Header>& views) const {
    views.clear();
    for (const auto& [name, text] : headers) views.push_back({name, text});
    return {value, offset, timestamp_ns, key, views};
  }

  ShardId shard;
  std::int64_t offset = 0;
  std::optional<std::int64_t> timestamp_ns;
  std::int64_t order_ns = INT64_MIN;  // largest timestamp of its partition so far: puts those of several in one order
  std::string key, value;             // empty: none
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace monitor
