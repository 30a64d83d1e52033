// LearnedLayouts: the layouts of the producers of one topic, at most kMost; the least used one makes way for a new one.
//
// Layouts that share their first literals are tried from where the one before failed, so a record of the second
// producer costs little more than one of the first. Owned by a decoder; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/ingest/json/learned_layout.h"

namespace monitor {

class LearnedLayouts {
 public:
  static constexpr std::size_t kMost = 32;
  static constexpr std::size_t kLongest = 1 << 16;  // bytes of a message; longer ones are decoded the general way

  // Whether `message` has a known layout. Calls sink.Begin(layout) before the first of the calls of
  // LearnedLayout::Match, and at the end sink.Container(field, type, behind the bracket). What it gave is void when it
  // returns false. Views are into a copy that lives until the next call.
  template <class Sink>
  bool Match(std::string_view message, Sink& sink) {
    if (order_.empty() || message.size() > kLongest) return false;
    message_.Assign(message);
    const char* const end = message_.end();
    LearnedLayout::Progress progress{0, message_.begin()};
    std::size_t tried = order_.front();
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const std::size_t slot = order_[i];
      if (i > 0 && shared_[tried][slot] != progress.step) continue;
      const LearnedLayout& layout = layouts_[slot].layout;
      if (progress.step == 0) sink.Begin(layout);
      const std::size_t before = progress.step;
      if (layout.Match(progress, message_, literals_.data(), sink)) {
        for (const auto& container : layout.containers()) {
          const char* const rest = literals_[container.step] + container.offset;
          sink.Container(container.field, container.type, {rest, static_cast<std::size_t>(end - rest)});
        }
        sink.End(layout);
        Used(i);
        return true;
      }
      if (progress.step > before || i == 0) tried = slot;
    }
    return false;
  }
  // Whether the message of the last Match, which was true, needs no look at its encoding.
  bool ascii() const { return message_.ascii(); }

  // Called for a message that did not match and was decoded the general way without a fault; see LearnedLayout::Learn.
  void Learn(std::string_view message, std::span<const LearnedLayout::ScalarUse> uses, std::uint64_t extra,
             std::shared_ptr<const Frame> frame);
  // Whether to learn from a message of this size: finding out the uses is not free, and some messages hold none.
  bool Wants(std::size_t bytes) {
    return bytes <= kLongest && (layouts_.size() + failed_ < kMost || ++unlearned_ % kLearnEvery == 0);
  }

 private:
  static constexpr std::uint64_t kLearnEvery = 256;  // messages without a layout, once all places are taken

  struct Slot {
    LearnedLayout layout;
    std::uint64_t uses = 1;
  };

  void Used(std::size_t place) {
    ++layouts_[order_[place]].uses;
    if (place > 0 && layouts_[order_[place]].uses > layouts_[order_[place - 1]].uses)
      std::swap(order_[place], order_[place - 1]);
  }

  std::vector<Slot> layouts_;
  std::vector<std::size_t> order_;                              // slots, the most used one first
  std::array<std::array<std::size_t, kMost>, kMost> shared_{};  // LearnedLayout::Shared
  std::vector<const char*> literals_;
  PaddedMessage message_;
  std::size_t failed_ = 0;  // to learn a layout, since one was learned
  std::uint64_t unlearned_ = 0;
};

}  // namespace monitor
