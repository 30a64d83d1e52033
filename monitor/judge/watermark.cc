#include "monitor/judge/watermark.h"

#include <algorithm>

#include "monitor/ingest/timestamp.h"

namespace monitor {

void Watermark::AddShard(const ShardId& shard, std::optional<std::int64_t> largest_event_ns, std::int64_t wall_ns) {
  Shard& entry = shards_[shard];
  entry.largest_ns = largest_event_ns.value_or(kNone);
  entry.last_record_wall_ns = wall_ns;
}

void Watermark::Observe(const ShardId& shard, std::int64_t largest_event_ns, std::int64_t wall_ns) {
  Shard& entry = shards_[shard];
  entry.largest_ns = std::max(entry.largest_ns, largest_event_ns);
  entry.last_record_wall_ns = wall_ns;
}

std::int64_t Watermark::Advance(std::int64_t lateness_ns, std::int64_t idle_after_ns, std::int64_t wall_ns) {
  bool all_idle = !shards_.empty();
  std::int64_t least = INT64_MAX;
  std::int64_t largest = kNone;
  for (const auto& [id, shard] : shards_) {
    const std::int64_t mark = shard.largest_ns == kNone ? kNone : SaturatingAdd(shard.largest_ns, -lateness_ns);
    largest = std::max(largest, mark);
    if (shard.at_end && wall_ns - shard.last_record_wall_ns >= idle_after_ns) continue;
    all_idle = false;
    least = std::min(least, mark);
  }
  if (all_idle) {
    if (!all_idle_since_) {
      all_idle_since_ = wall_ns;
      idle_base_ns_ = std::max(largest, value_);
    }
    least = idle_base_ns_ == kNone ? kNone : SaturatingAdd(idle_base_ns_, wall_ns - *all_idle_since_);
  } else {
    all_idle_since_.reset();
  }
  if (!shards_.empty() && least != INT64_MAX) value_ = std::max(value_, least);
  return value_;
}

std::int64_t Watermark::largest_event_ns() const {
  std::int64_t largest = kNone;
  for (const auto& [id, shard] : shards_) largest = std::max(largest, shard.largest_ns);
  return largest;
}

std::int64_t Watermark::ShardWatermark(const ShardId& shard, std::int64_t lateness_ns) const {
  const auto found = shards_.find(shard);
  if (found == shards_.end() || found->second.largest_ns == kNone) return kNone;
  return SaturatingAdd(found->second.largest_ns, -lateness_ns);
}

}  // namespace monitor
