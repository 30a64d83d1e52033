// ShrinkGuard: reading mapped memory whose file has become shorter gives zeros instead of ending the process.
//
// Touching a page behind the end of a mapped file raises SIGBUS (mmap(2)). While a guard lives, such a page of its
// range is replaced by zeros and tripped() says so; any other SIGBUS is left to whoever handled it before. The handler
// is installed for the whole process with the first guard. Thread-safe. Cost: none until it trips.
#pragma once

#include <cstddef>

namespace baselines {

class ShrinkGuard {
 public:
  ShrinkGuard(char* begin, std::size_t size);
  ~ShrinkGuard();
  ShrinkGuard(const ShrinkGuard&) = delete;
  ShrinkGuard& operator=(const ShrinkGuard&) = delete;

  bool tripped() const;

 private:
  std::size_t slot_;
};

}  // namespace baselines
