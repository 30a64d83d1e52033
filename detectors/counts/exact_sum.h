// ExactSum: a sum of doubles without any rounding, rounded once when it is read.
//
// A superaccumulator (Radford Neal 2015, "Fast exact summation using small and large superaccumulators", section 3):
// the sum is an integer in units of 2^-1074, cut into chunks of 32 bits that are 64 bits wide, so that carries wait for
// 2^30 additions. Only the chunks between the smallest and the largest exponent seen are held. Any order, grouping and
// later subtraction of the same numbers gives the same sum and the same bytes. Not thread-safe. Cost: Add about 4 ns;
// about 80 bytes for numbers of similar size. Numbers that are not finite are counted apart.
#pragma once

#include <cstdint>
#include <vector>

#include "detectors/encoding.h"

namespace detectors {

class ExactSum {
 public:
  void Add(double value);
  void Subtract(double value);  // takes out what Add(value) put in
  void Merge(const ExactSum& other);
  void Subtract(const ExactSum& other);

  // The sum, rounded to the nearest double (ties to even); ±infinity beyond the largest one. NaN while numbers that are
  // not finite take part.
  double Value() const;
  // Numbers that are not finite: added less subtracted.
  std::int64_t non_finite() const { return non_finite_; }

  // Canonical: equal sums have equal bytes.
  void Encode(Encoder& out) const;
  static ExactSum Decode(Decoder& in);

 private:
  // Sign, and the magnitude as chunks of 32 bits from `first` upwards: neither the lowest nor the highest is 0.
  struct Digits {
    bool negative = false;
    std::size_t first = 0;
    std::vector<std::uint32_t> chunks;
  };

  void AddBits(std::uint64_t mantissa, std::size_t shift, bool negative);
  void Fold(const ExactSum& other, std::int64_t sign);
  void Cover(std::size_t first, std::size_t end);  // chunk numbers
  void Carry();
  Digits Canonical() const;

  std::vector<std::int64_t> chunks_;  // chunk i stands for chunks_[i] · 2^(32·(first_ + i) − 1074)
  std::size_t first_ = 0;
  std::uint64_t waiting_ = 0;  // no chunk is larger than waiting_ · 2^32 in magnitude
  std::int64_t non_finite_ = 0;
};

}  // namespace detectors
