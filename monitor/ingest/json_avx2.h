// What matching a learned layout does with the bytes of a message, for processors with AVX2 (detectors/processor.h);
// PortableKernel is the plain twin, with the same results where both have one.
//
// Where a value ends comes from the message's index, so that reading it overlaps with reading its neighbours, and
// nothing branches on how long it is: a mispredicted branch costs as much as a number. Needs the zeros around the
// message. Cost: about 4 ns a number.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "baselines/round_decimal.h"
#include "detectors/processor.h"
#include "monitor/ingest/padded_message.h"

namespace monitor {

class Avx2Kernel {
 public:
  MONITORD_AVX2 explicit Avx2Kernel(const PaddedMessage& message) : begin_(message.begin()), stops_(message.stops()) {}

  MONITORD_AVX2 bool Same(const char* literal, const char* at, std::size_t length) const {
    for (; length > 32; length -= 32, at += 32, literal += 32) {
      if (Differing(literal, at) != 0) return false;
    }
    return length == 0 || Differing(literal, at) << (32 - length) == 0;
  }

  MONITORD_AVX2 const char* TextEnd(const char* at) const {
    while (true) {
      at = Stop(at);
      const auto byte = static_cast<unsigned char>(*at);
      if (byte == '"' || byte == '\\' || byte < 0x20) return at;
      ++at;
    }
  }

  // A JSON number of at most 32 bytes and 19 digits behind leading zeros, without an exponent.
  MONITORD_AVX2 const char* Number(const char* at, double& number) const {
    const char* const end = Stop(at);
    const auto length = static_cast<std::size_t>(end - at);
    const unsigned negative = *at == '-';
    // Its first and last bytes have to be digits, and no digit may follow a first zero. Not by && and ||: how many
    // digits there are is not to be foreseen.
    const unsigned first = Class(at[negative]), second = Class(at[negative + 1]), last = Class(end[-1]);
    const unsigned bad = (first | last | (first >> 1 & ~second)) & kNoDigit;
    if (length > 16) [[unlikely]]
      return bad != 0 ? nullptr : LongNumber(at, end, negative, number);
    const Window window(end, length, negative);
    if ((bad | window.strange) != 0) [[unlikely]]
      return nullptr;
    const double magnitude = static_cast<double>(static_cast<std::int64_t>(window.Digits())) / kPowers[window.point];
    number = std::bit_cast<double>(std::bit_cast<std::uint64_t>(magnitude) | std::uint64_t{negative} << 63);
    return end;
  }

 private:
  static constexpr unsigned kNoDigit = 1, kZero = 2;
  static constexpr std::array<std::uint8_t, 256> kClasses = [] {
    std::array<std::uint8_t, 256> classes{};
    classes.fill(kNoDigit);
    for (std::size_t c = '0'; c <= '9'; ++c) classes[c] = c == '0' ? kZero : 0;
    return classes;
  }();
  // By the place of the point among 16 bytes; none at 16.
  static constexpr double kPowers[17] = {1e15, 1e14, 1e13, 1e12, 1e11, 1e10, 1e9, 1e8, 1e7,
                                         1e6,  1e5,  1e4,  1e3,  1e2,  1e1,  1e0, 1e0};
  static constexpr unsigned kNoPoint = 16;
  // By the same place: from where each byte comes when the point is taken out, what stands before it moving up.
  alignas(16) static constexpr std::array<std::array<std::uint8_t, 16>, 17> kWithoutPoint = [] {
    std::array<std::array<std::uint8_t, 16>, 17> from{};
    for (std::size_t point = 0; point <= kNoPoint; ++point) {
      for (std::size_t i = 0; i < 16; ++i)
        from[point][i] = static_cast<std::uint8_t>(i > point || point == kNoPoint ? i : i == 0 ? 0x80 : i - 1);
    }
    return from;
  }();
  // The last n bytes of 16, from n on.
  alignas(32) static constexpr std::array<std::uint8_t, 32> kLast = [] {
    std::array<std::uint8_t, 32> mask{};
    for (std::size_t i = 16; i < 32; ++i) mask[i] = 0xFF;
    return mask;
  }();

  static unsigned Class(char c) { return kClasses[static_cast<unsigned char>(c)]; }

  MONITORD_AVX2 static __m128i Load16(const void* at) { return _mm_loadu_si128(static_cast<const __m128i*>(at)); }
  MONITORD_AVX2 static __m256i Load32(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
  MONITORD_AVX2 static unsigned Differing(const char* a, const char* b) {
    return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(Load32(a), Load32(b))));
  }

  // The first byte from `at` on that the index has.
  MONITORD_AVX2 const char* Stop(const char* at) const {
    while (true) {
      const auto from = static_cast<std::size_t>(at - begin_);
      std::uint64_t bits = 0;
      std::memcpy(&bits, stops_ + from / 8, 8);
      bits >>= from % 8;
      if (bits != 0) [[likely]]
        return at + std::countr_zero(bits);
      at += 56;
    }
  }

  // The last bytes of a number, at most 16.
  struct Window {
    __m128i digits;        // from 0 to 9 in place; 0 for sign, point and what stands before the number
    unsigned point = 0;    // its place; kNoPoint
    unsigned strange = 0;  // other than 0: something else is in it, or a second point

    // `length`: of the number up to `end`, as far as it is in the window. `sign`: its first byte is one.
    MONITORD_AVX2 Window(const char* end, std::size_t length, unsigned sign) {
      const __m128i values =
          _mm_and_si128(_mm_xor_si128(Load16(end - 16), _mm_set1_epi8('0')), Load16(kLast.data() + length));
      const __m128i others = _mm_cmpeq_epi8(_mm_max_epu8(values, _mm_set1_epi8(10)), values);
      digits = _mm_andnot_si128(others, values);
      const auto points = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(values, _mm_set1_epi8('.' ^ '0'))));
      const unsigned sign_bit = sign << 16 >> length & 0xFFFF;
      strange = (static_cast<unsigned>(_mm_movemask_epi8(others)) ^ sign_bit ^ points) | (points & (points - 1));
      point = static_cast<unsigned>(std::countr_zero(points | 1U << kNoPoint));
    }

    // The number that they are, without the point.
    MONITORD_AVX2 std::uint64_t Digits() const {
      const __m128i aligned = _mm_shuffle_epi8(digits, Load16(kWithoutPoint[point].data()));
      const __m128i pairs = _mm_maddubs_epi16(aligned, _mm_set1_epi16(0x010A));  // 10, 1
      const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));   // 100, 1
      const __m128i packed = _mm_packus_epi32(fours, fours);
      const __m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(0x00012710));  // 10,000, 1
      const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
      return (both & 0xFFFFFFFF) * 100'000'000 + (both >> 32);
    }
  };

  // More than 16 bytes: the last 16, and what stands before those.
  MONITORD_AVX2 static const char* LongNumber(const char* at, const char* end, unsigned negative, double& number) {
    const auto length = static_cast<std::size_t>(end - at);
    if (length > 32) return nullptr;
    const Window low(end, 16, 0), high(end - 16, length - 16, negative);
    const bool point_low = low.point != kNoPoint, point_high = high.point != kNoPoint;
    if ((low.strange | high.strange) != 0 || (point_low && point_high)) return nullptr;
    const std::uint64_t above = high.Digits();
    if (above > (point_low ? 9'999 : 999)) return nullptr;  // both together may not fit 64 bits
    const std::uint64_t mantissa = above * (point_low ? 1'000'000'000'000'000 : 10'000'000'000'000'000) + low.Digits();
    const unsigned fraction = point_high ? 31 - high.point : point_low ? 15 - low.point : 0;
    double magnitude = 0;
    if (!baselines::RoundDecimal(mantissa, -static_cast<std::int64_t>(fraction), magnitude)) return nullptr;
    number = negative != 0 ? -magnitude : magnitude;
    return end;
  }

  const char* begin_;
  const std::uint8_t* stops_;
};

}  // namespace monitor

#endif
