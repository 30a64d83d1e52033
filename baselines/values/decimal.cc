#include "baselines/values/decimal.h"

#include <fast_float/fast_float.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "baselines/values/round_decimal.h"
#include "baselines/values/short_decimal.h"

namespace baselines {
namespace {

constexpr std::ptrdiff_t kExactDigits = 19;  // always fit 64 bits

unsigned Digit(char c) { return static_cast<unsigned char>(c) - unsigned{'0'}; }

// As in fast_float and simdjson.
bool AreEightDigits(std::uint64_t text) {
  return ((text & 0xF0F0F0F0F0F0F0F0) | (((text + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4)) ==
         0x3333333333333333;
}

const char* TakeDigits(const char* at, const char* end, std::uint64_t& mantissa) {
  while (end - at >= 8) {
    std::uint64_t text;
    std::memcpy(&text, at, 8);
    if (!AreEightDigits(text)) break;
    mantissa = mantissa * 100'000'000 + EightDigits(text - 0x3030303030303030);
    at += 8;
  }
  for (; at != end && Digit(*at) <= 9; ++at) mantissa = mantissa * 10 + Digit(*at);
  return at;
}

bool ParseSlowly(const char* begin, const char* end, double& value) {
  double parsed = 0;
  const auto result = fast_float::from_chars(begin, end, parsed);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(parsed)) return false;
  value = parsed;
  return true;
}

}  // namespace

bool ParseDecimal(const char* begin, const char* end, double& value) {
  const char* at = begin;
  if (at == end) return false;
  const bool negative = *at == '-';
  if (negative || *at == '+') ++at;
  const char* const unsigned_begin = at;

  std::uint64_t mantissa = 0;
  at = TakeDigits(at, end, mantissa);
  std::ptrdiff_t digits = at - unsigned_begin;
  std::ptrdiff_t exponent = 0;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    at = TakeDigits(at, end, mantissa);
    exponent = fraction - at;
    digits -= exponent;
  }
  if (digits == 0) return false;
  if (at != end) {
    if (*at != 'e' && *at != 'E') return false;
    ++at;
    const bool down = at != end && *at == '-';
    if (at != end && (down || *at == '+')) ++at;
    if (at == end) return false;
    std::ptrdiff_t power = 0;
    for (; at != end && Digit(*at) <= 9; ++at) {
      if (power < 100'000) power = power * 10 + static_cast<std::ptrdiff_t>(Digit(*at));
    }
    if (at != end) return false;
    exponent += down ? -power : power;
  }

  double parsed = 0;
  if ((digits > kExactDigits || !RoundDecimal(mantissa, exponent, parsed)) && !ParseSlowly(unsigned_begin, end, parsed))
    return false;
  value = negative ? -parsed : parsed;
  return true;
}

}  // namespace baselines
