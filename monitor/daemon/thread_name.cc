#include "monitor/daemon/thread_name.h"

#include <pthread.h>

namespace monitor {

void NameThread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace monitor
