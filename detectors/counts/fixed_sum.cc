#include "detectors/counts/fixed_sum.h"

namespace detectors {

void FixedSum::Encode(Encoder& out) const {
  out.Varint(static_cast<std::uint64_t>(units_ >> 64));
  out.Varint(static_cast<std::uint64_t>(units_));
}

FixedSum FixedSum::Decode(Decoder& in) {
  FixedSum sum;
  sum.units_ = Wide{in.Varint()} << 64;
  sum.units_ |= in.Varint();
  return sum;
}

}  // namespace detectors
