#include "monitor/ingest/json/padded_message.h"

#include <cstring>

#include "detectors/processor.h"
#include "monitor/ingest/json/json_avx2.h"

namespace monitor {
namespace {

constexpr std::size_t kBlock = 32;

}  // namespace

void PaddedMessage::Assign(std::string_view message) {
  size_ = message.size();
  const std::size_t needed = kBefore + size_ + kBehind + kBlock;
  if (bytes_.size() < needed) {
    bytes_.resize(needed);
    stops_.resize(needed / 8 + 16);
  }
#if defined(__x86_64__)
  if (detectors::HasAvx2()) return AssignAvx2(message);
#endif
  char* const to = bytes_.data() + kBefore;
  if (size_ > 0) std::memcpy(to, message.data(), size_);
  std::memset(to + size_, 0, kBehind);
  std::uint64_t all = 0;
  for (std::size_t at = 0; at < size_; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, to + at, 8);
    all |= word;
  }
  ascii_ = (all & 0x8080808080808080) == 0;
}

#if defined(__x86_64__)

MONITORD_AVX2 void PaddedMessage::AssignAvx2(std::string_view message) {
  // ',' '"' and '}', and with the bit 0x20 also ']': by their low halves. A byte below 0x20 may match too, which stops
  // a value all the same.
  const __m256i table = _mm256_setr_epi8(0, 0, '"', 0, 0, 0, 0, 0, 0, 0, 0, 0, ',', '}', 0, 0,  //
                                         0, 0, '"', 0, 0, 0, 0, 0, 0, 0, 0, 0, ',', '}', 0, 0);
  char* const to = bytes_.data() + kBefore;
  unsigned beyond = 0;
  const auto block = [&](const char* from, std::size_t at) MONITORD_AVX2_INLINE {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + at), bytes);
    const __m256i blank = _mm256_set1_epi8(0x20);
    const __m256i closing = _mm256_cmpeq_epi8(_mm256_or_si256(bytes, blank), _mm256_shuffle_epi8(table, bytes));
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, blank), bytes);
    const __m256i stops =
        _mm256_or_si256(_mm256_or_si256(closing, low), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    const auto bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(stops));
    std::memcpy(&stops_[at / 8], &bits, sizeof bits);
    beyond |= static_cast<unsigned>(_mm256_movemask_epi8(bytes));
  };
  std::size_t at = 0;
  for (; at + kBlock <= size_; at += kBlock) block(message.data() + at, at);
  char rest[kBlock] = {};
  if (at < size_) std::memcpy(rest, message.data() + at, size_ - at);
  block(rest, at);
  ascii_ = beyond == 0;
  std::memset(to + at + kBlock, 0, kBehind);
  std::memset(&stops_[(at + kBlock) / 8], 0xFF, 8);
}

#endif

}  // namespace monitor
