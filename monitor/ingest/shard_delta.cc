#include "monitor/ingest/shard_delta.h"

#include <algorithm>

#include "detectors/hash.h"

namespace monitor {
namespace {

bool Many(const std::vector<RecordBlock>& blocks) { return blocks.front().full(); }

void CountInto(PaneSummary& pane, std::vector<RecordBlock>& blocks) {
  for (RecordBlock& block : blocks) block.CountInto(pane);
}

}  // namespace

std::uint64_t IdentityScope(std::string_view model) { return detectors::Hash64(model, 1); }

Identity IdentityOf(std::uint64_t scope, std::string_view id) {
  return {detectors::Hash64(id, scope), detectors::Hash64(id, scope ^ 0x9E3779B97F4A7C15u)};
}

bool ShardDelta::many_rows() const {
  return std::ranges::any_of(rows, [](const auto& entry) { return Many(entry.second); });
}

void ShardDelta::CountRows() {
  for (auto& [key, blocks] : rows) CountInto(panes.at(key), blocks);
  rows.clear();
}

void ShardDelta::CountManyRows() {
  for (auto entry = rows.begin(); entry != rows.end();) {
    if (Many(entry->second)) {
      CountInto(panes.at(entry->first), entry->second);
      entry = rows.erase(entry);
    } else {
      ++entry;
    }
  }
}

}  // namespace monitor
