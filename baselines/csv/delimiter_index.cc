#include "baselines/csv/delimiter_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "detectors/processor.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace baselines {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kLow7 = 0x7F7F7F7F7F7F7F7F;

// Bit i: byte i of `word` (the lowest is 0) equals `wanted`.
std::uint64_t Equal(std::uint64_t word, char wanted) {
  const std::uint64_t other = word ^ (kOnes * static_cast<unsigned char>(wanted));  // 0 where equal
  const std::uint64_t equal = ~(((other & kLow7) + kLow7) | other | kLow7);         // 0x80 there, else 0
  return ((equal >> 7) * 0x0102040810204080) >> 56;
}

}  // namespace

std::size_t DelimiterIndex::LookPortable(const char* text, std::size_t size, char separator, Block* blocks) {
  std::size_t count = 0;
  for (; count * kBlock < size; ++count) {
    Block block{};
    for (unsigned i = 0; i < kBlock; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text + count * kBlock + i, 8);
      const std::uint64_t line_feeds = Equal(word, '\n');
      block.line_feeds |= line_feeds << i;
      block.delimiters |= (line_feeds | Equal(word, separator)) << i;
      block.quotes |= Equal(word, '"') << i;
    }
    block.count = static_cast<std::uint64_t>(std::popcount(block.delimiters));
    blocks[count] = block;
    if (block.quotes != 0) return count + 1;
  }
  return count;
}

void DelimiterIndex::Take(Block block, std::uint32_t base) {
  if (block.quotes != 0) {
    const std::uint64_t before = (block.quotes & (0 - block.quotes)) - 1;
    block.delimiters &= before;
    block.line_feeds &= before;
    block.count = static_cast<std::uint64_t>(std::popcount(block.delimiters));
  }
  for (std::uint64_t left = block.line_feeds; left != 0; left &= left - 1) {
    const std::uint64_t before = (left & (0 - left)) - 1;
    const auto number = delimiters_ + static_cast<std::size_t>(std::popcount(block.delimiters & before));
    line_feeds_[lines_++] = static_cast<std::uint16_t>(number);
  }
  // Sixteen at a time without asking how many there are: what is too much is written over.
  std::uint32_t* to = offsets_.data() + delimiters_;
  std::uint64_t left = block.delimiters;
  for (std::uint64_t written = 0; written < block.count; written += 16) {
    for (int i = 0; i < 16; ++i) {
      *to++ = base + static_cast<std::uint32_t>(std::countr_zero(left));
      left &= left - 1;
    }
  }
  delimiters_ += block.count;
}

void DelimiterIndex::FillBy(Look& look, const char* from, const char* end, char separator) {
  delimiters_ = lines_ = 0;
  const std::size_t size = std::min(kReach, static_cast<std::size_t>(end - from));
  const std::size_t whole = size / kBlock * kBlock;
  const std::size_t blocks = look(from, whole, separator, blocks_.data());
  for (std::size_t i = 0; i < blocks; ++i) Take(blocks_[i], static_cast<std::uint32_t>(i * kBlock));
  if (whole == size || (blocks > 0 && blocks_[blocks - 1].quotes != 0)) return;
  char padded[kBlock] = {};
  std::memcpy(padded, from + whole, size - whole);
  Block last{};
  look(padded, kBlock, separator, &last);
  Take(last, static_cast<std::uint32_t>(whole));
}

void DelimiterIndex::FillPortable(const char* from, const char* end, char separator) {
  FillBy(LookPortable, from, end, separator);
}

#if defined(__x86_64__)

__attribute__((target("avx2,popcnt"))) std::size_t DelimiterIndex::LookAvx2(const char* text, std::size_t size,
                                                                            char separator, Block* blocks) {
  std::size_t count = 0;
  for (; count * kBlock < size; ++count) {
    __m256i low, high;
    std::memcpy(&low, text + count * kBlock, 32);
    std::memcpy(&high, text + count * kBlock + 32, 32);
    const auto equal = [&](char wanted) __attribute__((target("avx2,popcnt"), always_inline)) {
      const __m256i all = _mm256_set1_epi8(wanted);
      const auto first = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, all)));
      const auto second = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, all)));
      return first | static_cast<std::uint64_t>(second) << 32;
    };
    const std::uint64_t line_feeds = equal('\n'), delimiters = line_feeds | equal(separator), quotes = equal('"');
    blocks[count] = {delimiters, line_feeds, quotes, static_cast<std::uint64_t>(_mm_popcnt_u64(delimiters))};
    if (quotes != 0) return count + 1;
  }
  return count;
}

void DelimiterIndex::Fill(const char* from, const char* end, char separator) {
  FillBy(detectors::HasAvx2() ? LookAvx2 : LookPortable, from, end, separator);
}

#else

void DelimiterIndex::Fill(const char* from, const char* end, char separator) { FillPortable(from, end, separator); }

#endif

}  // namespace baselines
