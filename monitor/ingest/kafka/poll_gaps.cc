#include "monitor/ingest/kafka/poll_gaps.h"

#include <algorithm>

namespace monitor {

void PollGaps::Note(std::chrono::nanoseconds gap) {
  const double seconds = std::chrono::duration<double>(gap).count();
  const auto bound = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  gaps_[static_cast<std::size_t>(bound)].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(gap.count(), std::memory_order_relaxed);
  std::int64_t longest = longest_ns_.load(std::memory_order_relaxed);
  while (gap.count() > longest && !longest_ns_.compare_exchange_weak(longest, gap.count(), std::memory_order_relaxed)) {
  }
}

PollGaps::Seen PollGaps::Read() const {
  Seen seen;
  for (std::size_t i = 0; i < gaps_.size(); ++i) {
    seen.count += gaps_[i].load(std::memory_order_relaxed);
    if (i < kBounds.size()) seen.at_most[i] = seen.count;
  }
  seen.sum_seconds = static_cast<double>(sum_ns_.load(std::memory_order_relaxed)) * 1e-9;
  seen.longest_seconds = static_cast<double>(longest_ns_.load(std::memory_order_relaxed)) * 1e-9;
  return seen;
}

}  // namespace monitor
