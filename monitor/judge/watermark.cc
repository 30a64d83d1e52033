#include "monitor/judge/watermark.h"

#include <algorithm>

#include "monitor/ingest/timestamp.h"

namespace monitor {

std::int64_t Watermark::Mark(std::int64_t largest_ns) const {
  return largest_ns == kNone ? kNone : SaturatingAdd(largest_ns, -lateness_ns_);
}

void Watermark::SetPlan(std::int64_t lateness_ns, std::int64_t idle_after_ns) {
  lateness_ns_ = lateness_ns;
  idle_after_ns_ = idle_after_ns;
}

void Watermark::AddShard(const ShardId& shard, std::optional<std::int64_t> largest_event_ns, std::int64_t wall_ns) {
  shards_[shard] = {largest_event_ns.value_or(kNone), kNone, wall_ns};
  all_idle_since_.reset();
}

void Watermark::Observe(const ShardId& shard, std::int64_t largest_event_ns, std::int64_t wall_ns) {
  Shard& entry = shards_[shard];
  entry.largest_ns = std::max(entry.largest_ns, largest_event_ns);
  entry.last_record_wall_ns = wall_ns;
  all_idle_since_.reset();
  std::int64_t least = INT64_MAX;
  for (const auto& [id, other] : shards_) least = std::min(least, Mark(other.largest_ns));
  value_ = std::max(value_, least);
}

void Watermark::BeginProbe() {
  for (auto& [id, shard] : shards_) shard.at_probe_ns = shard.largest_ns;
}

void Watermark::EndProbe(const std::set<ShardId>& at_end, std::int64_t wall_ns) {
  if (shards_.empty()) return;
  bool all_idle = true;
  std::int64_t least = INT64_MAX;
  std::int64_t largest = kNone;
  for (const auto& [id, shard] : shards_) {
    largest = std::max(largest, Mark(shard.at_probe_ns));
    if (at_end.contains(id) && wall_ns - shard.last_record_wall_ns >= idle_after_ns_) continue;
    all_idle = false;
    least = std::min(least, Mark(shard.at_probe_ns));
  }
  if (!all_idle) {
    all_idle_since_.reset();
    value_ = std::max(value_, least);
    return;
  }
  if (!all_idle_since_) {
    all_idle_since_ = wall_ns;
    idle_base_ns_ = std::max(largest, value_);
  }
  if (idle_base_ns_ == kNone) return;
  if (when_idle_ == WhenIdle::kStands) {
    value_ = idle_base_ns_;
    return;
  }
  value_ = std::max(value_, SaturatingAdd(idle_base_ns_, wall_ns - *all_idle_since_));
}

std::int64_t Watermark::largest_event_ns() const {
  std::int64_t largest = kNone;
  for (const auto& [id, shard] : shards_) largest = std::max(largest, shard.largest_ns);
  return largest;
}

std::int64_t Watermark::ShardWatermark(const ShardId& shard) const {
  const auto found = shards_.find(shard);
  return found == shards_.end() ? kNone : Mark(found->second.largest_ns);
}

}  // namespace monitor
