// EntryArena: blocks of 256 index entries, found by a 32-bit reference to an entry.
//
// Blocks lie in chunks of 2 MiB, allocated as they are needed and freed when none of their blocks is in use. Too small
// for LargeArray's huge pages: those are cleared long before they are written, when the processor's caches have
// forgotten them again. Not thread-safe. Throws std::bad_alloc. Cost: one look-up of the chunk, which stays in the
// first cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "monitor/labels/index_entry.h"
#include "monitor/labels/large_array.h"

namespace monitor {

class EntryArena {
 public:
  using Ref = std::uint32_t;
  static constexpr std::size_t kBlockEntries = 256;

  IndexEntry& operator[](Ref ref) { return chunks_[ref / kChunkEntries].entries[ref % kChunkEntries]; }
  const IndexEntry& operator[](Ref ref) const { return chunks_[ref / kChunkEntries].entries[ref % kChunkEntries]; }
  static Ref RefOf(std::uint32_t block, std::size_t at) {
    return block * static_cast<Ref>(kBlockEntries) + static_cast<Ref>(at);
  }

  // The number of a block that is not initialised. Numbers are small and used again, the last one given back first.
  std::uint32_t Take() {
    if (free_.empty()) AddChunk();
    const std::uint32_t block = free_.back();
    Chunk& chunk = chunks_[block / kChunkBlocks];
    if (chunk.used == 0) chunk.entries = LargeArray<IndexEntry>(kChunkEntries);
    free_.pop_back();
    ++chunk.used;
    return block;
  }
  void GiveBack(std::uint32_t block) {
    free_.push_back(block);
    Chunk& chunk = chunks_[block / kChunkBlocks];
    if (--chunk.used == 0) chunk.entries = {};
  }
  std::size_t used_blocks() const { return chunks_.size() * kChunkBlocks - free_.size(); }

 private:
  static constexpr std::size_t kChunkEntries = std::size_t{1} << 16, kChunkBlocks = kChunkEntries / kBlockEntries;
  struct Chunk {
    LargeArray<IndexEntry> entries;
    std::size_t used = 0;  // blocks
  };

  void AddChunk() {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * kChunkBlocks);
    chunks_.emplace_back();
    for (std::uint32_t i = kChunkBlocks; i > 0; --i) free_.push_back(first + i - 1);
  }

  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> free_;
};

}  // namespace monitor
