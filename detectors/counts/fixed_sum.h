// FixedSum: a sum of numbers 0 ≤ x < 2^20 in units of 2^-40, kept as an integer of 128 bits.
//
// Each number is rounded once, to 4.5e-13; the sum itself is exact, so any order, grouping and later removal of the
// same numbers gives the same sum. Where the range is not known beforehand, ExactSum. Not thread-safe. Cost: about 1
// ns.
#pragma once

#include <cstdint>

#include "detectors/encoding.h"

namespace detectors {

class FixedSum {
 public:
  void Add(double value, std::uint64_t times = 1) { units_ += static_cast<Wide>(Units(value)) * times; }
  void Subtract(double value) { units_ -= Units(value); }
  void Merge(const FixedSum& other) { units_ += other.units_; }
  void Subtract(const FixedSum& other) { units_ -= other.units_; }

  double Value() const { return static_cast<double>(units_) / kUnits; }

  void Encode(Encoder& out) const;
  static FixedSum Decode(Decoder& in);
  bool operator==(const FixedSum&) const = default;

 private:
  __extension__ typedef unsigned __int128 Wide;
  static constexpr double kUnits = 1099511627776;  // 2^40
  static std::uint64_t Units(double value) { return static_cast<std::uint64_t>(value * kUnits + 0.5); }

  Wide units_ = 0;
};

}  // namespace detectors
