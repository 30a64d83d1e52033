#include "monitor/judge/evidence/seen_counts.h"

#include <utility>

namespace monitor {

void SeenCounts::Add(const std::string& digest, const detectors::FeatureSummary& counts) {
  auto sum = Counts(digest, counts.shared_shape());
  if (sum) sum->Merge(counts);
  detectors::Encoder out;
  (sum ? *sum : counts).Encode(out);
  digest_ = digest;
  bytes_ = out.Take();
}

std::optional<detectors::FeatureSummary> SeenCounts::Counts(
    const std::string& digest, std::shared_ptr<const detectors::FeatureShape> shape) const {
  if (bytes_.empty() || digest != digest_) return std::nullopt;
  detectors::Decoder in(bytes_);
  return detectors::FeatureSummary::Decode(in, std::move(shape));
}

void SeenCounts::Encode(detectors::Encoder& out) const {
  out.Text(digest_);
  out.Text(bytes_);
}

SeenCounts SeenCounts::Decode(detectors::Decoder& in) {
  SeenCounts seen;
  seen.digest_ = in.Text();
  seen.bytes_ = in.Text();
  return seen;
}

}  // namespace monitor
