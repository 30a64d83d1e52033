#include "baselines/csv/shrink_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <stdexcept>

namespace baselines {
namespace {

// What the signal handler may look at: lock-free and never freed.
struct Slot {
  std::atomic<std::uintptr_t> begin{0}, end{0};
  std::atomic<bool> taken{false}, tripped{false};
};
std::array<Slot, 1024> slots;
std::uintptr_t page_bytes = 0;
struct sigaction before {};

void OnBusError(int signal, siginfo_t* info, void* /*context*/) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Slot& slot : slots) {
    if (at < slot.begin.load() || at >= slot.end.load()) continue;
    const std::uintptr_t page = at / page_bytes * page_bytes;
    void* const zeros =
        ::mmap(reinterpret_cast<void*>(page), page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) break;
    slot.tripped.store(true);
    return;
  }
  ::sigaction(signal, &before, nullptr);  // the access is tried again and meets the handler before us
}

void Install() {
  static std::once_flag once;
  std::call_once(once, [] {
    page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action {};
    action.sa_sigaction = OnBusError;
    action.sa_flags = SA_SIGINFO;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &before);
  });
}

}  // namespace

ShrinkGuard::ShrinkGuard(char* begin, std::size_t size) : slot_(0) {
  Install();
  while (slot_ < slots.size() && slots[slot_].taken.exchange(true)) ++slot_;
  if (slot_ == slots.size()) throw std::length_error("more than 1,024 files are mapped at once");
  Slot& slot = slots[slot_];
  slot.tripped = false;
  slot.begin = reinterpret_cast<std::uintptr_t>(begin);
  slot.end = reinterpret_cast<std::uintptr_t>(begin) + size;
}

ShrinkGuard::~ShrinkGuard() {
  Slot& slot = slots[slot_];
  slot.end = 0;
  slot.begin = 0;
  slot.taken = false;
}

bool ShrinkGuard::tripped() const { return slots[slot_].tripped; }

}  // namespace baselines
