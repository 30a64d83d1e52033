// What a daemon that runs for months need not keep of its start.
#pragma once

namespace monitor {

// To be called before any thread starts: few arenas of the heap. Each thread would have one of its own, though most
// allocate little, and what one thread frees is no use to another.
void LimitHeapArenas();

// Gives back the heap's free pages (reading configuration and baselines takes several times what stays of them) and the
// pages of code, which for the most part only the start needed: the rest comes back from the page cache when it runs.
void ReleaseStartupMemory();

}  // namespace monitor
