// Where in their logs partitions begin and end, or reach a time, as the broker tells. Thread-safe, as clients are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "monitor/ingest/kafka/kafka_client.h"
#include "monitor/ingest/shard_delta.h"

namespace monitor {

struct MetadataDeleter {
  void operator()(const struct rd_kafka_metadata* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using KafkaMetadata = std::unique_ptr<const struct rd_kafka_metadata, MetadataDeleter>;

// Offsets of the first records at or after the wanted times (ms; RD_KAFKA_OFFSET_END where nothing is that young), or
// of the beginning or end of the log. nullopt: not all were told within `patience_ms`.
std::optional<std::map<ShardId, std::int64_t>> OffsetsAt(rd_kafka_t* client, int patience_ms,
                                                         const std::vector<ShardId>& shards,
                                                         const std::function<std::int64_t(const ShardId&)>& wanted);

}  // namespace monitor
