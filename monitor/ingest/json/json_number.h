// TakeShortNumber: the double of a short JSON number, and where the number ends, in one pass without a loop.
//
// Short: at most 7 digits before the point and 7 behind it, no exponent; that is a whole number below 10^14 and a power
// of ten, whose quotient is correctly rounded (Clinger, "How to read floating point numbers accurately", PLDI 1990), so
// the result is ParseDecimal's bit for bit. nullptr: anything else, valid or not. Reads up to 18 bytes from `at` on.
// Cost: about 4 ns.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace monitor {

// Eight bytes of text at once, as in simdjson; only on little-endian machines, which is all we run on.
class DigitWord {
 public:
  explicit DigitWord(const char* at) {
    std::memcpy(&word_, at, 8);
    word_ ^= 0x3030303030303030;  // digits become 0 to 9
    others_ = ((word_ + 0x7676767676767676) | word_) & 0x8080808080808080;
  }

  // How many digits it begins with; 8: they may go on.
  unsigned digits() const { return others_ == 0 ? 8 : static_cast<unsigned>(std::countr_zero(others_)) / 8; }
  // Of a word whose first byte that is no digit is a point: where the next such byte is; 8: none.
  unsigned digits_and_point() const {
    const std::uint64_t next = others_ & (others_ - 1);
    return next == 0 ? 8 : static_cast<unsigned>(std::countr_zero(next)) / 8;
  }
  // The number that the first `count` digits are, 1 ≤ count ≤ 8.
  std::uint64_t Value(unsigned count) const { return Number(word_ << (64 - 8 * count)); }
  // The same of `count` digits with a point behind the first `whole` of them, 1 ≤ whole < count ≤ 7.
  std::uint64_t ValueWithout(unsigned whole, unsigned count) const {
    const std::uint64_t before = (std::uint64_t{1} << (8 * whole)) - 1;
    return Number(((word_ & before) | ((word_ >> 8) & ~before)) << (64 - 8 * count));
  }

 private:
  static std::uint64_t Number(std::uint64_t word) {  // eight digits, the first in the lowest byte
    word = word * 10 + (word >> 8);
    constexpr std::uint64_t kPairs = 0x000000FF000000FF;
    return ((word & kPairs) * 0x000F424000000064 + ((word >> 16) & kPairs) * 0x0000271000000001) >> 32 & 0xFFFFFFFF;
  }

  std::uint64_t word_ = 0;
  std::uint64_t others_ = 0;  // the high bit of each byte that is no digit, exact up to the first byte above 0x7F
};

inline const char* TakeShortNumber(const char* at, double& number) {
  static constexpr std::uint64_t kWholePowers[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000};
  static constexpr double kPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  const DigitWord first(at);
  const unsigned whole = first.digits();
  if (whole == 0 || whole == 8 || (whole > 1 && *at == '0')) return nullptr;
  double value = 0;
  if (at[whole] != '.') {
    value = static_cast<double>(static_cast<std::int64_t>(first.Value(whole)));
    at += whole;
  } else if (const unsigned length = first.digits_and_point(); length < 8) {
    const unsigned digits = length - 1;
    if (digits == whole) return nullptr;
    value = static_cast<double>(static_cast<std::int64_t>(first.ValueWithout(whole, digits))) / kPowers[digits - whole];
    at += length;
  } else {
    at += whole + 1;
    const DigitWord second(at);
    const unsigned fraction = second.digits();
    if (fraction == 0 || fraction == 8) return nullptr;
    const std::uint64_t digits = first.Value(whole) * kWholePowers[fraction] + second.Value(fraction);
    value = static_cast<double>(static_cast<std::int64_t>(digits)) / kPowers[fraction];
    at += fraction;
  }
  if (*at == 'e' || *at == 'E') return nullptr;
  number = negative ? -value : value;
  return at;
}

}  // namespace monitor
