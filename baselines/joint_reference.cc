#include "baselines/joint_reference.h"

namespace baselines {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMostFeatures = 1 << 20;

}  // namespace

void JointReference::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(features.size());
  for (std::size_t i = 0; i < features.size(); ++i) {
    out.Varint(features[i]);
    detectors::EncodeScores(scores[i], out);
  }
  moments.Encode(out);
}

JointReference JointReference::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "joint reference");
  JointReference reference;
  for (std::size_t left = in.Count(kMost); left > 0; --left) {
    const std::uint64_t feature = in.Varint();
    if (feature >= kMostFeatures) throw detectors::DecodeError("joint reference: a feature's number is too large");
    reference.features.push_back(feature);
    reference.scores.push_back(detectors::DecodeScores(in));
  }
  reference.moments = detectors::SecondMoments::Decode(in);
  if (reference.moments.features() != reference.features.size())
    throw detectors::DecodeError("joint reference: another number of features");
  return reference;
}

}  // namespace baselines
