// SlotTable: an open-addressing table of 32-bit references, found by a hash. Several references may have the same hash.
//
// Slots come in groups of 16: one tag byte (7 bits of the hash) and one reference each, 5 bytes a slot. A look-up
// compares the 16 tags of a group at once (SSE2, or a plain loop that gives the same) and asks the caller only about
// matching ones, so that an absent key costs one cache line. The caller owns what the references mean and rebuilds the
// table when it is full() or, for what is left in it, wide(). Not thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "monitor/labels/large_array.h"

namespace monitor {

class SlotTable {
 public:
  using Ref = std::uint32_t;

  SlotTable() { Reset(0); }

  // Empties the table and makes room for `expected` references at 5/8 load.
  void Reset(std::size_t expected) {
    groups_ = expected * 8 / 5 / kGroup + 1;
    tags_ = {};  // both go before new ones come
    refs_ = {};
    tags_ = LargeArray<std::uint8_t>(groups_ * kGroup);
    refs_ = LargeArray<Ref>(groups_ * kGroup);
    std::fill_n(tags_.data(), tags_.size(), kEmpty);
    used_ = 0;
  }
  bool full() const { return (used_ + 1) * 8 > tags_.size() * 7; }
  // Whether it would be less than a quarter as large, made anew for `live` references.
  bool wide(std::size_t live) const { return tags_.size() > kLeastWide && tags_.size() / 4 > live * 8 / 5; }
  std::uint64_t bytes() const { return tags_.size() * (sizeof(std::uint8_t) + sizeof(Ref)); }

  void Insert(std::uint64_t hash, std::uint32_t more, Ref ref) {
    for (std::size_t group = GroupOf(hash);; group = Next(group)) {
      const unsigned room = Match(group, kEmpty) | Match(group, kRemoved);
      if (room == 0) continue;
      const std::size_t slot = group * kGroup + static_cast<std::size_t>(std::countr_zero(room));
      used_ += tags_[slot] == kEmpty ? 1 : 0;
      tags_[slot] = Tag(more);
      refs_[slot] = ref;
      return;
    }
  }

  template <class Visit>
  void ForEach(std::uint64_t hash, std::uint32_t more, const Visit& visit) const {
    for (std::size_t group = GroupOf(hash);; group = Next(group)) {
      for (unsigned found = Match(group, Tag(more)); found != 0; found &= found - 1) {
        visit(refs_[group * kGroup + static_cast<std::size_t>(std::countr_zero(found))]);
      }
      if (Match(group, kEmpty) != 0) return;
    }
  }

  void Remove(std::uint64_t hash, std::uint32_t more, Ref ref) {
    for (std::size_t group = GroupOf(hash);; group = Next(group)) {
      for (unsigned found = Match(group, Tag(more)); found != 0; found &= found - 1) {
        const std::size_t slot = group * kGroup + static_cast<std::size_t>(std::countr_zero(found));
        if (refs_[slot] != ref) continue;
        tags_[slot] = kRemoved;
        return;
      }
      if (Match(group, kEmpty) != 0) return;
    }
  }

  // Calls visit(Ref) for what the first look at a key's group finds: to fetch what those references mean. The group
  // should have been fetched before.
  template <class Visit>
  void ForFirst(std::uint64_t hash, std::uint32_t more, const Visit& visit) const {
    const std::size_t group = GroupOf(hash);
    for (unsigned found = Match(group, Tag(more)); found != 0; found &= found - 1)
      visit(refs_[group * kGroup + static_cast<std::size_t>(std::countr_zero(found))]);
  }

  void Prefetch(std::uint64_t hash) const {
    const std::size_t group = GroupOf(hash);
    __builtin_prefetch(&tags_[group * kGroup]);
    __builtin_prefetch(&refs_[group * kGroup]);
  }

 private:
  static constexpr std::size_t kGroup = 16, kLeastWide = 1 << 16;
  static constexpr std::uint8_t kEmpty = 0, kRemoved = 1;

  static std::uint8_t Tag(std::uint32_t more) { return static_cast<std::uint8_t>(0x80u | (more & 0x7Fu)); }
  std::size_t GroupOf(std::uint64_t hash) const { return static_cast<std::size_t>(((hash >> 32) * groups_) >> 32); }
  std::size_t Next(std::size_t group) const { return group + 1 == groups_ ? 0 : group + 1; }
  // One bit per slot of the group whose tag is `tag`.
  unsigned Match(std::size_t group, std::uint8_t tag) const {
    const std::uint8_t* tags = &tags_[group * kGroup];
#if defined(__SSE2__)
    const __m128i equal =
        _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(tags)), _mm_set1_epi8(static_cast<char>(tag)));
    return static_cast<unsigned>(_mm_movemask_epi8(equal));
#else
    unsigned found = 0;
    for (std::size_t i = 0; i < kGroup; ++i) found |= (tags[i] == tag ? 1u : 0u) << i;
    return found;
#endif
  }

  std::size_t groups_ = 0;
  LargeArray<std::uint8_t> tags_;
  LargeArray<Ref> refs_;  // of slots that are not empty
  std::size_t used_ = 0;  // slots that are not empty
};

}  // namespace monitor
