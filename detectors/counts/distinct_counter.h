// DistinctCounter: HyperLogLog (Flajolet et al. 2007) with 2^12 registers and the estimator of Ertl ("New cardinality
// estimation algorithms for HyperLogLog sketches", 2017), which needs no switch to linear counting and no table of
// biases between small and large numbers.
//
// Relative standard error 1.04/√4096 = 1.6 %. Merge takes the larger register, so it is idempotent and
// order-independent. Not thread-safe. Memory 4 KiB. Cost: about 2 ns per hashed value.
#pragma once

#include <array>
#include <cstdint>

#include "detectors/encoding.h"

namespace detectors {

class DistinctCounter {
 public:
  void AddHash(std::uint64_t hash);  // of detectors::Hash64 or as well mixed
  void Merge(const DistinctCounter& other);
  double Estimate() const;

  void Encode(Encoder& out) const;
  static DistinctCounter Decode(Decoder& in);
  bool operator==(const DistinctCounter&) const = default;

 private:
  std::array<std::uint8_t, 4096> registers_{};
};

}  // namespace detectors
