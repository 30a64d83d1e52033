// Watermark: how far event time is complete for one model, over all shards of its topic (ARCHITECTURE section 4).
//
// A shard's watermark is its largest event time of the model minus the allowed lateness; the model's is the least one
// over its shards. A shard that is idle does not hold the model back: its position is the end of the log as the broker
// confirms, and no record of the model has come for `idle_after` of wall time. An outage or a backlog is never
// idleness. The confirmation must be younger than the records that it lets pass: a burst that is written to two
// partitions at once is read from one of them first, and the other still looks idle by an older answer. So leaving idle
// shards out happens only when a probe of the ends of all logs returns, and only up to the event times that had been
// merged when that probe began. When all shards are idle the watermark goes on with the wall time elapsed since, so the
// last pane closes. It never steps back. The wall clock (ns, steady) is passed in. Owned by the judge; not thread-safe.
// Event times are ns since 1970.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "monitor/ingest/shard_delta.h"

namespace monitor {

class Watermark {
 public:
  static constexpr std::int64_t kNone = INT64_MIN;

  enum class WhenIdle { kGoesOn, kStands };  // when all shards are idle: with the wall time elapsed, or not at all

  Watermark() = default;
  Watermark(std::int64_t lateness_ns, std::int64_t idle_after_ns, WhenIdle when_idle = WhenIdle::kGoesOn)
      : lateness_ns_(lateness_ns), idle_after_ns_(idle_after_ns), when_idle_(when_idle) {}

  void SetPlan(std::int64_t lateness_ns, std::int64_t idle_after_ns);
  // Puts the committed value back; panes up to it stay closed.
  void Restore(std::int64_t watermark_ns) { value_ = watermark_ns; }
  void AddShard(const ShardId& shard, std::optional<std::int64_t> largest_event_ns, std::int64_t wall_ns);
  // Records of the model came; `largest_event_ns` is over the life of the shard. Moves the watermark if no shard holds
  // it back.
  void Observe(const ShardId& shard, std::int64_t largest_event_ns, std::int64_t wall_ns);
  // A probe of the ends of all logs begins / has returned. `at_end`: the shards whose position was the end of their
  // log.
  void BeginProbe();
  void EndProbe(const std::set<ShardId>& at_end, std::int64_t wall_ns);

  std::int64_t value() const { return value_; }
  bool all_idle() const { return all_idle_since_.has_value(); }
  std::int64_t largest_event_ns() const;  // kNone before the first record
  std::int64_t ShardWatermark(const ShardId& shard) const;

 private:
  struct Shard {
    std::int64_t largest_ns = kNone;
    std::int64_t at_probe_ns = kNone;  // largest_ns when the running probe began
    std::int64_t last_record_wall_ns = 0;
  };
  std::int64_t Mark(std::int64_t largest_ns) const;

  std::int64_t lateness_ns_ = 0;
  std::int64_t idle_after_ns_ = 0;
  WhenIdle when_idle_ = WhenIdle::kGoesOn;
  std::map<ShardId, Shard> shards_;
  std::int64_t value_ = kNone;
  std::optional<std::int64_t> all_idle_since_;  // wall
  std::int64_t idle_base_ns_ = kNone;           // watermark when all became idle
};

}  // namespace monitor
