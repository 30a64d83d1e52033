// DelimiterIndex: where the separators and line feeds of a piece of text are, found 64 bytes at a time.
//
// Stops before the first quote, since behind it a delimiter may be text. Processors with AVX2 compare 32 bytes at once
// (detectors/processor.h), all others eight; both give the same index. Not thread-safe. Memory: about 100 KiB. Cost:
// about 0.3 ns a byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace baselines {

class DelimiterIndex {
 public:
  static constexpr std::size_t kReach = std::size_t{16} << 10;  // bytes of text that one index covers at most

  // Of [from, end), as far as it reaches. Reads nothing outside.
  void Fill(const char* from, const char* end, char separator);
  void FillPortable(const char* from, const char* end, char separator);

  std::size_t delimiters() const { return delimiters_; }
  const std::uint32_t* offsets() const { return offsets_.data(); }  // of the delimiters, from `from`
  std::size_t lines() const { return lines_; }
  std::size_t line_feed(std::size_t line) const { return line_feeds_[line]; }  // which delimiter ends the line

 private:
  static constexpr std::size_t kBlock = 64;

  struct Block {  // bit i: byte i is …
    std::uint64_t delimiters, line_feeds, quotes;
    std::uint64_t count;  // of the delimiters
  };
  // Looks at `size` bytes, whole blocks, as far as the first block with a quote; the number of blocks looked at.
  using Look = std::size_t(const char* text, std::size_t size, char separator, Block* blocks);
  static Look LookPortable, LookAvx2;
  void FillBy(Look& look, const char* from, const char* end, char separator);
  void Take(Block block, std::uint32_t base);

  std::size_t delimiters_ = 0, lines_ = 0;
  std::array<Block, kReach / kBlock> blocks_;
  std::array<std::uint32_t, kReach + 16> offsets_;  // written sixteen at a time
  std::array<std::uint16_t, kReach> line_feeds_;
};

}  // namespace baselines
