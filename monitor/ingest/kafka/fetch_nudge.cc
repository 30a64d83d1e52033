#include "monitor/ingest/kafka/fetch_nudge.h"

#include <algorithm>

namespace monitor {
namespace {

constexpr int kFirstWithout = 0x020200ff;  // the version that knows fetch.queue.backoff.ms
constexpr std::size_t kFewest = 256;       // messages: a shorter queue was not full, or is of very large ones
constexpr int kPatienceMs = 0;

}  // namespace

FetchNudge::FetchNudge(rd_kafka_t* client) : client_(client), needed_(rd_kafka_version() < kFirstWithout) {}

bool FetchNudge::Due(rd_kafka_queue_t* queue) {
  if (!needed_) return false;
  const std::size_t length = rd_kafka_queue_length(queue);
  longest_ = std::max(longest_, length);
  if (longest_ < kFewest || length > longest_ / 2) return false;
  longest_ = length;
  return true;
}

void FetchNudge::Send(rd_kafka_topic_partition_list_t* partitions) {
  if (partitions->cnt == 0) return;
  for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
  // What the answer is, and whether it comes, does not matter: librdkafka drops one that is late.
  rd_kafka_offsets_for_times(client_, partitions, kPatienceMs);
}

}  // namespace monitor
