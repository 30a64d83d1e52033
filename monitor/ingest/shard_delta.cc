#include "monitor/ingest/shard_delta.h"

#include <algorithm>

#include "detectors/hash.h"

namespace monitor {
namespace {

bool Many(const std::vector<RecordBlock>& blocks) { return blocks.front().full(); }

}  // namespace

std::uint64_t IdentityScope(std::string_view model) { return detectors::Hash64(model, 1); }

Identity IdentityOf(std::uint64_t scope, std::string_view id) {
  return {detectors::Hash64(id, scope), detectors::Hash64(id, scope ^ 0x9E3779B97F4A7C15u)};
}

bool ShardDelta::many_rows() const {
  return std::ranges::any_of(rows, [](const auto& entry) { return Many(entry.second); });
}

void ShardDelta::CountRows(bool only_many) {
  for (auto entry = rows.begin(); entry != rows.end();) {
    if (only_many && !Many(entry->second)) {
      ++entry;
      continue;
    }
    PaneSummary& pane = panes.at(entry->first);
    for (RecordBlock& block : entry->second) block.CountInto(pane);
    entry = rows.erase(entry);
  }
}

}  // namespace monitor
