// What matching a learned layout does with the bytes of a message, for processors with AVX2 (detectors/processor.h);
// PortableKernel is the plain twin, with the same results where both have one.
//
// Where a value ends comes from the message's index, so that reading it overlaps with reading its neighbours, and
// nothing branches on how long it is: a mispredicted branch costs as much as a number. Needs the zeros around the
// message. Cost: about 6 ns a number.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "baselines/values/decimal_avx2.h"
#include "detectors/processor.h"
#include "monitor/ingest/json/padded_message.h"

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

  // A JSON number of at most 32 bytes behind its sign and 19 digits behind leading zeros, without an exponent.
  MONITORD_AVX2 const char* Number(const char* at, double& number) const {
    const char* const end = Stop(at);
    const unsigned negative = *at == '-';
    // Its first and last bytes have to be digits, and no digit may follow a first zero. Not by && and ||: how many
    // digits there are is not to be foreseen.
    const unsigned first = Class(at[negative]), second = Class(at[negative + 1]), last = Class(end[-1]);
    const unsigned bad = (first | last | (first >> 1 & ~second)) & kNoDigit;
    double magnitude = 0;
    if (!baselines::ReadDecimalAvx2(end, static_cast<std::size_t>(end - at) - negative, magnitude) || bad != 0)
        [[unlikely]]
      return nullptr;
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
  static unsigned Class(char c) { return kClasses[static_cast<unsigned char>(c)]; }

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

  const char* begin_;
  const std::uint8_t* stops_;
};

}  // namespace monitor

#endif
