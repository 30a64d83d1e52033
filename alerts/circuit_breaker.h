// CircuitBreaker: leaves a target alone for a while after several failures in a row.
//
// After `kFailures` tries in a row that did not deliver, whatever rows they were of, no try is made for a minute; every
// further failure doubles the wait, up to an hour. One delivery closes it. The waits of single rows (outbox.h) come on
// top: what is later holds. A value without a clock; not thread-safe.
#pragma once

#include <algorithm>
#include <chrono>

namespace alerts {

class CircuitBreaker {
 public:
  static constexpr int kFailures = 5;
  static constexpr std::chrono::minutes kFirst{1}, kLongest{60};

  void NoteDelivered() { failures_ = 0; }
  // Returns how long to make no further try; zero while it is closed.
  std::chrono::minutes NoteFailure() {
    if (++failures_ < kFailures) return std::chrono::minutes(0);
    return std::min(kLongest, kFirst * (1 << std::min(failures_ - kFailures, 6)));
  }

 private:
  int failures_ = 0;
};

}  // namespace alerts
