// OpenPane: a pane that is still being filled, from the deltas of all shards.
//
// Its records stay rows until they fill a block, which is when a summary of them takes less: a backlog of many models
// keeps hundreds of panes of few records open, at some 100 bytes a column instead of 2 KiB. What Close and Encode give
// does not depend on which they are. Owned by the judge; not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/ingest/pane_summary.h"
#include "monitor/ingest/record_block.h"

namespace monitor {

class OpenPane {
 public:
  OpenPane() = default;
  explicit OpenPane(PaneSummary summary) : summary_(std::move(summary)) {}

  // A pane of one delta, and those of its records that are not in its columns yet.
  void Merge(PaneSummary pane, std::vector<RecordBlock> rows);
  void AddDuplicates(std::uint64_t count) { summary_.duplicates += count; }

  // All but the columns, which may lack records.
  const PaneSummary& totals() const { return summary_; }
  PaneSummary Close() &&;
  std::string Encode() const;  // as PaneSummary does

 private:
  void Add(RecordBlock block);
  void CountRows();

  PaneSummary summary_;
  std::optional<RecordBlock> rows_;
};

}  // namespace monitor
