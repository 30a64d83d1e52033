// NameThread: what `top -H`, `perf` and a core dump call the calling thread; at most 15 bytes.
#pragma once

namespace monitor {

void NameThread(const char* name);

}  // namespace monitor
