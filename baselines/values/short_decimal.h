// ParseShortDecimal: the double that a short decimal text is, without a loop.
//
// Short: at most 16 digits and point behind the sign, no exponent, a whole number of at most 2^53 over a power of ten:
// both are exact, so their quotient is correctly rounded (Clinger, "How to read floating point numbers accurately",
// PLDI 1990) and the result is ParseDecimal's bit for bit. Returns false, leaving `value` alone, for everything else,
// whether it is a number or not. The 8 bytes before `end` and the 9 from `begin` on must be readable. Pure function,
// thread-safe. Cost: about 7 ns where lengths and signs vary.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace baselines {

// The number that eight digits are (0 to 9, not their characters), the first in the lowest byte, as in fast_float and
// simdjson; only on little-endian machines, which is all we run on.
inline std::uint64_t EightDigits(std::uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  return ((digits & kPairs) * 0x000F424000000064 + ((digits >> 16) & kPairs) * 0x0000271000000001) >> 32 & 0xFFFFFFFF;
}

namespace short_decimal {

inline constexpr unsigned kLongest = 16;

// What belongs to a text of that length: of its last eight characters, and of its first ones after a shift.
struct Fill {
  std::uint64_t low, high;
  unsigned shift;
};
inline constexpr auto kFills = [] {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  std::array<Fill, kLongest + 1> fills{};
  for (unsigned length = 1; length <= kLongest; ++length) {
    fills[length] = length <= 8 ? Fill{kAll << (64 - 8 * length), 0, 0} : Fill{kAll, kAll, 8 * (kLongest - length)};
  }
  return fills;
}();

inline std::uint64_t LoadDigits(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word ^ 0x3030303030303030;  // digits become 0 to 9, the point 0x1E
}

// The high bit of each byte that is a point.
inline std::uint64_t Points(std::uint64_t word) {
  constexpr std::uint64_t kLow7 = 0x7F7F7F7F7F7F7F7F;
  const std::uint64_t other = word ^ 0x1E1E1E1E1E1E1E1E;
  return ~(((other & kLow7) + kLow7) | other | kLow7);
}

// `word` without the byte in which `point` has its high bit: what comes before it moves up.
inline std::uint64_t Without(std::uint64_t word, std::uint64_t point) {
  const std::uint64_t before = (point >> 7) - 1;
  return (word & before) << 8 | (word & ~(before << 8 | 0xFF));
}

inline bool AreDigits(std::uint64_t word) { return (((word + 0x7676767676767676) | word) & 0x8080808080808080) == 0; }

inline double Quotient(bool negative, std::uint64_t number, std::size_t decimals) {
  static constexpr double kPowers[kLongest] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const double magnitude = static_cast<double>(static_cast<std::int64_t>(number)) / kPowers[decimals];
  // Signs come at random, so no branch.
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(magnitude) | std::uint64_t{negative} << 63);
}

}  // namespace short_decimal

inline bool ParseShortDecimal(const char* begin, const char* end, double& value) {
  using namespace short_decimal;
  const bool negative = *begin == '-';
  begin += negative;
  const auto length = static_cast<std::size_t>(end - begin);
  if (length - 1 >= kLongest) return false;
  // Sixteen characters, filled up with zeros in front: `high` and then `low`. A second point is no digit.
  const Fill& fill = kFills[length];
  std::uint64_t low = LoadDigits(end - 8) & fill.low;
  const std::uint64_t point = Points(low);
  std::size_t decimals = point == 0 ? 0 : static_cast<std::size_t>(std::countl_zero(point)) / 8;
  if (length <= 8) {
    if (point != 0) low = Without(low, point & (0 - point));
    if (!AreDigits(low) || (point != 0 && length == 1)) return false;
    value = Quotient(negative, EightDigits(low), decimals);
    return true;
  }
  std::uint64_t high = LoadDigits(begin) << fill.shift & fill.high;
  if (point != 0) {
    low = Without(low, point & (0 - point)) | high >> 56;
    high <<= 8;
  } else if (const std::uint64_t further = Points(high); further != 0) {
    decimals = 8 + static_cast<std::size_t>(std::countl_zero(further)) / 8;
    high = Without(high, further & (0 - further));
  }
  const std::uint64_t number = EightDigits(high) * 100'000'000 + EightDigits(low);
  if (!AreDigits(low) || !AreDigits(high) || number > std::uint64_t{1} << 53) return false;
  value = Quotient(negative, number, decimals);
  return true;
}

}  // namespace baselines
