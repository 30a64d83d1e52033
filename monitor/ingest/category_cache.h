// CategoryCache: what a categorical column made of the texts that it has had lately, by their bytes as written.
//
// Spares trimming, looking for missing texts, canonical form, hash and search of the dictionary for texts that come
// again, which nearly all do. Direct-mapped: a text has one place, and the newer one takes it. Only texts of at most 16
// bytes are kept; a place holds all their bytes, so a hit is exact. The owner puts in only what depends on the bytes
// alone. Not thread-safe. Cost: about 4 ns. Memory: 40 bytes a place, of which there are two for each known value, at
// least 8 and at most 512.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "monitor/ingest/record_block.h"

namespace monitor {

class CategoryCache {
 public:
  explicit CategoryCache(std::size_t values)
      : places_(std::bit_ceil(std::clamp<std::size_t>(2 * values, 8, 512))),
        shift_(64 - static_cast<unsigned>(std::countr_zero(places_.size()))) {}

  // nullptr: not there.
  const Cell* Find(std::string_view text) const {
    const Key key(text);
    const Place& place = places_[PlaceOf(key)];
    return key.length != 0 && place.key == key ? &place.cell : nullptr;
  }
  void Put(std::string_view text, const Cell& cell) {
    const Key key(text);
    if (key.length != 0) places_[PlaceOf(key)] = {key, cell};
  }

 private:
  // The bytes of a text in two words that overlap; with the length they are those of one text only.
  struct Key {
    std::uint64_t first = 0, second = 0;
    std::uint64_t length = 0;  // 0: no key

    Key() = default;
    explicit Key(std::string_view text) {
      const char* const at = text.data();
      const std::size_t size = text.size();
      if (size == 0 || size > 16) return;
      length = size;
      if (size >= 8) {
        first = Load<std::uint64_t>(at);
        second = Load<std::uint64_t>(at + size - 8);
      } else if (size >= 4) {
        first = Load<std::uint32_t>(at);
        second = Load<std::uint32_t>(at + size - 4);
      } else {
        first = Load<std::uint8_t>(at);
        second = Load<std::uint8_t>(at + size / 2) << 8 | Load<std::uint8_t>(at + size - 1);
      }
    }
    // In a register of its own size: part of a word that is written and then read whole waits for the memory.
    template <class Word>
    static std::uint64_t Load(const char* at) {
      Word word;
      std::memcpy(&word, at, sizeof word);
      return word;
    }
    bool operator==(const Key&) const = default;
  };
  struct Place {
    Key key;
    Cell cell;
  };

  std::size_t PlaceOf(const Key& key) const {
    return static_cast<std::size_t>(((key.first ^ (key.second << 1) ^ key.length) * 0x9E3779B97F4A7C15) >> shift_);
  }

  std::vector<Place> places_;
  unsigned shift_;
};

}  // namespace monitor
