#include "monitor/ingest/kafka/topic_offsets.h"

namespace monitor {

// Not rd_kafka_query_watermark_offsets: when a broker dies under it, it waits for the socket's time-out again and again
// and not for its own.
std::optional<std::map<ShardId, std::int64_t>> OffsetsAt(rd_kafka_t* client, int patience_ms,
                                                         const std::vector<ShardId>& shards,
                                                         const std::function<std::int64_t(const ShardId&)>& wanted) {
  std::map<ShardId, std::int64_t> offsets;
  if (shards.empty()) return offsets;
  KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(shards.size())));
  for (const ShardId& shard : shards) {
    rd_kafka_topic_partition_list_add(list.get(), shard.topic.c_str(), shard.partition)->offset = wanted(shard);
  }
  if (rd_kafka_offsets_for_times(client, list.get(), patience_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    offsets[{entry.topic, entry.partition}] = entry.offset;
  }
  return offsets;
}

}  // namespace monitor
