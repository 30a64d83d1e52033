// PollGaps: how long counters stay away from their queues between two polls — what decoding, counting and handing over
// take at a stretch, and how long a counter waited for the judge.
//
// Any number of threads may note gaps and read them; a reader may see a gap in one figure and not yet in another. Cost:
// two additions a poll.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace monitor {

class PollGaps {
 public:
  static constexpr std::array<double, 9> kBounds{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.5};  // seconds

  struct Seen {
    std::array<std::uint64_t, kBounds.size()> at_most{};  // gaps of at most the bound
    std::uint64_t count = 0;
    double sum_seconds = 0, longest_seconds = 0;
  };

  void Note(std::chrono::nanoseconds gap);
  Seen Read() const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> gaps_{};  // by the first bound that is not below them
  std::atomic<std::int64_t> sum_ns_{0}, longest_ns_{0};
};

}  // namespace monitor
