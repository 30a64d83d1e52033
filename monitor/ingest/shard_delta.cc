#include "monitor/ingest/shard_delta.h"

#include "detectors/hash.h"

namespace monitor {
std::uint64_t IdentityScope(std::string_view model) { return detectors::Hash64(model, 1); }

Identity IdentityOf(std::uint64_t scope, std::string_view id) {
  return {detectors::Hash64(id, scope), detectors::Hash64(id, scope ^ 0x9E3779B97F4A7C15u)};
}

void ShardDelta::CountRows() {
  for (auto& [key, block] : rows) block.CountInto(panes.at(key));
  rows.clear();
}

}  // namespace monitor
