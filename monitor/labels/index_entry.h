// IndexEntry: one prediction that waits for its label, or one label that waits for its prediction, in memory and in the
// files of the index.
#pragma once

#include <bit>
#include <cstdint>

namespace monitor {

struct IndexEntry {
  static constexpr std::uint16_t kNoCode = 0xFFFF;   // no class, no label
  static constexpr std::uint16_t kWaiting = 0xFFFF;  // stream of a label that waits for its prediction
  static constexpr std::uint16_t kGone = 0xFFFE;     // stream of an entry that was removed

  std::uint64_t id_low = 0;
  std::uint32_t id_high = 0;
  std::uint16_t stream = 0;            // version, variant and segment of a prediction, as the model numbers them
  std::uint16_t predicted = kNoCode;   // class; of a waiting label: its number among those of its id
  std::uint64_t time : 48 = 0;         // ns since the start of the segment
  std::uint64_t label : 16 = kNoCode;  // class; 0 for a number
  std::uint64_t extra =
      0;  // prediction: score and delay of its label; waiting label: labels' watermark (ns) when it was read

  float score() const { return std::bit_cast<float>(static_cast<std::uint32_t>(extra >> 32)); }
  std::int32_t delay_s() const { return static_cast<std::int32_t>(static_cast<std::uint32_t>(extra)); }
  void SetScore(float score) {
    extra = (extra & 0xFFFFFFFFu) | (std::uint64_t{std::bit_cast<std::uint32_t>(score)} << 32);
  }
  void SetDelay(std::int32_t seconds) { extra = (extra >> 32 << 32) | static_cast<std::uint32_t>(seconds); }
};
static_assert(sizeof(IndexEntry) == 32);

}  // namespace monitor
