// RecordFaults: faults of whole records that no column shows — times that are shifted, ids that come again.
//
// Judged whenever a pane closes, and for shifted times while it is open too, because the clock that panes close by
// stands still when all records come from the past. A fault fires when, since the first such record, at least 30 and
// more than half of the records are displaced in time (late, or ahead of their arrival) or duplicates; it is over after
// a pane with at least 7 records of which less than a tenth are. Neither happens by chance in traffic that is in order
// but for stragglers. State belongs to (model, variant), is part of the checkpoint, and depends on the sequence of
// panes only. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "alerts/alert.h"
#include "detectors/encoding.h"
#include "monitor/ingest/shard_delta.h"

namespace monitor {

class RecordFaults {
 public:
  // Feeds one closed pane. Appends an observation for every fault that fires, goes on, or is over.
  void AddPane(const PaneKey& key, std::int64_t end_ns, const PaneSummary& pane, std::vector<alerts::Observation>& out);
  // Looks at a pane that is still open. Appends an observation once, when its times have become a fault.
  void LookAt(const PaneKey& key, std::int64_t end_ns, const PaneSummary& pane, std::vector<alerts::Observation>& out);

  void Encode(detectors::Encoder& out) const;
  static RecordFaults Decode(detectors::Decoder& in);

 private:
  struct Watch {
    std::uint64_t bad = 0, records = 0;  // since
    std::int64_t since_ns = 0;           // start of the pane with the first bad record
    std::uint64_t late_seconds = 0;      // of the displaced: how far behind at most
    bool firing = false;
  };
  static alerts::Observation Tell(const PaneKey& key, std::int64_t end_ns, bool clock, const Watch& watch);

  Watch clock_, duplicates_;
};

}  // namespace monitor
