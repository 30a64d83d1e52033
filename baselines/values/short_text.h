// ShortText: a text of 1 to 16 bytes as two words, and ShortTextMemo: what was found out about such texts before.
//
// The memo holds one text per slot, the newest; what it does not hold is found out again, so it changes no result. Not
// thread-safe. Memory: 512 entries once a text was kept. Cost: about 3 ns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "baselines/values/short_decimal.h"

namespace baselines {

struct ShortText {
  std::uint64_t low = 0, high = 0;  // the last eight bytes, and those before
  std::size_t length = 0;           // 0: none, the text is another

  // 1 ≤ length ≤ 16; the 8 bytes before `end` and the 8 from `begin` on must be readable.
  static ShortText Of(const char* begin, const char* end) {
    ShortText text{.length = static_cast<std::size_t>(end - begin)};
    const auto& fill = short_decimal::kFills[text.length];
    std::memcpy(&text.low, end - 8, 8);
    std::memcpy(&text.high, begin, 8);
    text.low &= fill.low;
    text.high = text.high << fill.shift & fill.high;
    return text;
  }
  bool operator==(const ShortText&) const = default;
};

template <class Value>
class ShortTextMemo {
 public:
  const Value* Find(const ShortText& text) const {
    if (entries_.empty() || text.length == 0) return nullptr;
    const Entry& entry = entries_[SlotOf(text)];
    return entry.text == text ? &entry.value : nullptr;
  }
  void Keep(const ShortText& text, const Value& value) {
    if (text.length == 0) return;
    if (entries_.empty()) entries_.resize(kSlots);
    entries_[SlotOf(text)] = {text, value};
  }
  void Clear() { entries_ = {}; }

 private:
  static constexpr unsigned kSlotBits = 9;
  static constexpr std::size_t kSlots = std::size_t{1} << kSlotBits;
  struct Entry {
    ShortText text;
    Value value{};
  };
  static std::size_t SlotOf(const ShortText& text) {
    return (text.low ^ (text.high * 0xFF51AFD7ED558CCD)) * 0x9E3779B97F4A7C15 >> (64 - kSlotBits);
  }

  std::vector<Entry> entries_;
};

}  // namespace baselines
