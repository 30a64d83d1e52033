#include "monitor/daemon/startup_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace monitor {
namespace {

constexpr int kArenas = 4;  // counters, the judge, librdkafka's threads, all others

// Only mappings that are never written to: their pages are those of the file.
int ReleaseCode(dl_phdr_info* object, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void LimitHeapArenas() { mallopt(M_ARENA_MAX, kArenas); }

void ReleaseStartupMemory() {
  malloc_trim(0);
  dl_iterate_phdr(ReleaseCode, nullptr);
}

}  // namespace monitor
