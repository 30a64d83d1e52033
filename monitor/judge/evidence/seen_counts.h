// SeenCounts: what was counted of one column since something began, kept encoded, so that it can be stored without the
// baseline that its bins belong to. Counts of another baseline start anew. Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include "detectors/encoding.h"
#include "detectors/feature_summary.h"

namespace monitor {

class SeenCounts {
 public:
  void Add(const std::string& digest, const detectors::FeatureSummary& counts);  // digest: of the baseline
  void Clear() { digest_.clear(), bytes_.clear(); }
  // nullopt while there is nothing, or nothing on this shape.
  std::optional<detectors::FeatureSummary> Counts(const std::string& digest,
                                                  std::shared_ptr<const detectors::FeatureShape> shape) const;

  void Encode(detectors::Encoder& out) const;
  static SeenCounts Decode(detectors::Decoder& in);

 private:
  std::string digest_, bytes_;
};

}  // namespace monitor
