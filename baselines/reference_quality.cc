#include "baselines/reference_quality.h"

namespace baselines {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMostClasses = 60'000;

}  // namespace

std::uint16_t ReferenceQuality::CodeOf(const std::string& name) const {
  for (std::size_t code = 0; code < classes.size(); ++code) {
    if (classes[code] == name) return static_cast<std::uint16_t>(code);
  }
  return detectors::kNone;
}

void ReferenceQuality::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(classes.size());
  for (const std::string& name : classes) out.Text(name);
  counts.Encode(out);
  numbers.Encode(out);
}

ReferenceQuality ReferenceQuality::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "reference quality");
  ReferenceQuality quality;
  for (std::size_t left = in.Count(kMostClasses); left > 0; --left) quality.classes.emplace_back(in.Text());
  quality.counts = detectors::ClassificationCounts::Decode(in);
  quality.numbers = detectors::RegressionCounts::Decode(in);
  return quality;
}

}  // namespace baselines
