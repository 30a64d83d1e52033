// KafkaCounter::Reading: one partition that a counter reads. For the counter's own files; on its thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "monitor/ingest/kafka/kafka_counter.h"

namespace monitor {

struct KafkaCounter::Reading {
  Reading(const ShardId& shard, std::shared_ptr<const TopicPlan> plan, const ShardStart& start)
      : counter(shard, std::move(plan), start),
        expected(start.next_offset),
        check_offset(start.last_offset),
        check_hash(start.last_hash) {}

  ShardCounter counter;
  std::int64_t expected;           // smaller offsets were counted already
  std::int64_t check_offset = -1;  // the record before: to be compared, not counted
  std::uint64_t check_hash = 0;
  bool resting = false;    // the judge wants it to
  bool waiting = false;    // for a schema, to go on at `expected`
  bool restarted = false;  // within this batch: what is left of the old log in it does not count
  std::chrono::steady_clock::time_point handed_over = std::chrono::steady_clock::now();
};

}  // namespace monitor
