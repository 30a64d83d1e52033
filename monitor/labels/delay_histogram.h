// DelayHistogram: how long after their predictions labels come. Eight buckets an octave of seconds, so a quantile is
// within 9 % (above).
//
// A value type with Add, Merge, Encode.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "detectors/encoding.h"

namespace monitor {

class DelayHistogram {
 public:
  void Add(std::int64_t delay_ns, std::int64_t count = 1);  // a label before its prediction has no delay
  void Merge(const DelayHistogram& other);
  std::uint64_t count() const { return count_; }
  // Upper edge of the bucket that holds the quantile; nullopt when empty.
  std::optional<std::int64_t> QuantileNs(double share) const;

  void Encode(detectors::Encoder& out) const;
  static DelayHistogram Decode(detectors::Decoder& in);

 private:
  std::map<std::uint16_t, std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
};

}  // namespace monitor
