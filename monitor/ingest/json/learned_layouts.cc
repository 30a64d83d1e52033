#include "monitor/ingest/json/learned_layouts.h"

#include <algorithm>

namespace monitor {

void LearnedLayouts::Learn(std::string_view message, std::span<const LearnedLayout::ScalarUse> uses,
                           std::uint64_t extra, std::shared_ptr<const Frame> frame) {
  auto layout = LearnedLayout::Learn(message, uses, extra, std::move(frame));
  if (!layout) {
    ++failed_;
    return;
  }
  failed_ = 0;
  std::size_t slot = layouts_.size();
  if (slot < kMost) {
    layouts_.push_back({std::move(*layout)});
    order_.push_back(slot);
  } else {
    const auto least = std::ranges::min_element(order_, {}, [this](std::size_t each) { return layouts_[each].uses; });
    slot = *least;
    order_.erase(least);
    order_.push_back(slot);
    for (Slot& each : layouts_) each.uses /= 2;
    layouts_[slot] = {std::move(*layout)};
  }
  for (std::size_t other = 0; other < layouts_.size(); ++other) {
    shared_[slot][other] = shared_[other][slot] = layouts_[slot].layout.Shared(layouts_[other].layout);
  }
  literals_.resize(std::max(literals_.size(), layouts_[slot].layout.steps() + 1));
}

}  // namespace monitor
