// CategorySlots: the categories of a column that a monitor watches one by one, by name, over all baselines that it
// meets.
//
// A new version's baseline has other frequent categories, in another order. What both know keeps its place, so that its
// evidence goes on; what only the new one has gets a place of its own behind the others; what only the old ones had
// waits. There is room for kMost. Part of the checkpoint. A value; not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "detectors/encoding.h"
#include "detectors/feature_summary.h"

namespace monitor {

class CategorySlots {
 public:
  static constexpr std::size_t kMost = 60;

  // Adds what is frequent in this baseline of a categorical column; false, and nothing happens, where there is no room.
  bool Add(const detectors::FeatureSummary& baseline);
  std::size_t size() const { return names_.size(); }
  // The categories as this baseline numbers them; CategoryPlan::kNoCategory where it does not know them by name.
  std::vector<detectors::CategoryId> In(const detectors::FeatureSummary& baseline) const;

  void Encode(detectors::Encoder& out) const;
  static CategorySlots Decode(detectors::Decoder& in);

 private:
  std::vector<std::string> names_;
};

}  // namespace monitor
