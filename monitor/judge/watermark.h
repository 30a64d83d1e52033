// Watermark: how far event time is complete for one model, over all shards of its topic (ARCHITECTURE section 4).
//
// A shard's watermark is its largest event time of the model minus the allowed lateness. The model's is the least one over the shards that are
// not idle. A shard is idle when its position is the end of the log, confirmed by an answer of the broker, and no record of the model has come
// for `idle_after` of wall time: an outage or a backlog is never idleness. When all shards are idle the watermark goes on with the wall time
// elapsed since, so the last pane closes. It never steps back.
// The wall clock is passed in. Not thread-safe; owned by the judge. Times are ns since 1970 (event) and ns of a steady clock (wall).
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "monitor/ingest/shard_delta.h"

namespace monitor {

class Watermark {
 public:
  static constexpr std::int64_t kNone = INT64_MIN;

  // Puts the committed value back; panes up to it stay closed.
  void Restore(std::int64_t watermark_ns) { value_ = watermark_ns; }
  void AddShard(const ShardId& shard, std::optional<std::int64_t> largest_event_ns, std::int64_t wall_ns);
  void RemoveShard(const ShardId& shard) { shards_.erase(shard); }
  // Records of the model came; `largest_event_ns` is over the life of the shard.
  void Observe(const ShardId& shard, std::int64_t largest_event_ns, std::int64_t wall_ns);
  // The position of the shard is (or is no longer) the end of its log, as the broker has just confirmed.
  void SetAtEnd(const ShardId& shard, bool at_end) { shards_[shard].at_end = at_end; }

  // The watermark as of `wall_ns`.
  std::int64_t Advance(std::int64_t lateness_ns, std::int64_t idle_after_ns, std::int64_t wall_ns);
  std::int64_t value() const { return value_; }
  bool all_idle() const { return all_idle_since_.has_value(); }
  std::int64_t largest_event_ns() const;  // kNone before the first record
  std::int64_t ShardWatermark(const ShardId& shard, std::int64_t lateness_ns) const;

 private:
  struct Shard {
    std::int64_t largest_ns = kNone;
    std::int64_t last_record_wall_ns = 0;
    bool at_end = false;
  };
  std::map<ShardId, Shard> shards_;
  std::int64_t value_ = kNone;
  std::optional<std::int64_t> all_idle_since_;  // wall
  std::int64_t idle_base_ns_ = kNone;           // watermark when all became idle
};

}  // namespace monitor
