// LargeArray: an array for look-ups at random places, not initialised. Throws std::bad_alloc.
//
// From 4 MiB on it lies in huge pages where the system grants them (transparent_hugepage `madvise` or `always`): with
// small ones nearly every look-up would also wait for a walk through the page tables (bench/README.md, join_bench).
// Smaller ones come from the heap as they are.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace monitor {

template <class T>
requires std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>
class LargeArray {
 public:
  LargeArray() = default;
  explicit LargeArray(std::size_t size) : size_(size) {
    const std::size_t bytes = size * sizeof(T);
    void* memory = nullptr;
    if (::posix_memalign(&memory, bytes < kLeastHuge ? alignof(std::max_align_t) : kHugePage, bytes) != 0)
      throw std::bad_alloc();
    memory_.reset(static_cast<T*>(memory));
    // Whole ones only: what is left over would be 2 MiB too. Where the kernel refuses, pages stay small.
    if (bytes >= kLeastHuge) ::madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  }

  std::size_t size() const { return size_; }
  T* data() { return memory_.get(); }
  T& operator[](std::size_t i) { return memory_.get()[i]; }
  const T& operator[](std::size_t i) const { return memory_.get()[i]; }

 private:
  static constexpr std::size_t kHugePage = std::size_t{2} << 20, kLeastHuge = 2 * kHugePage;
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };

  std::unique_ptr<T, Free> memory_;
  std::size_t size_ = 0;
};

}  // namespace monitor
