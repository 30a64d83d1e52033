#include "baselines/outcome_reference.h"

#include <cmath>

namespace baselines {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

void OutcomeReference::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Text(outcome);
  out.Text(of_class);
  out.Double(deviation);
  out.Varint(tables.size());
  for (const detectors::CompositionTable& table : tables) table.Encode(out);
}

OutcomeReference OutcomeReference::Decode(detectors::Decoder& in,
                                          const std::vector<const detectors::FeatureShape*>& shapes) {
  in.Version(kVersion, "outcome reference");
  OutcomeReference reference;
  reference.outcome = in.Text();
  reference.of_class = in.Text();
  reference.deviation = in.Double();
  if (!std::isfinite(reference.deviation) || reference.deviation <= 0)
    throw detectors::DecodeError("outcome reference: no deviation");
  if (in.Varint() != shapes.size()) throw detectors::DecodeError("outcome reference: another number of features");
  for (const detectors::FeatureShape* shape : shapes)
    reference.tables.push_back(detectors::CompositionTable::Decode(in, *shape));
  return reference;
}

}  // namespace baselines
