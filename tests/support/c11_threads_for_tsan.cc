// C11 threads and locks as POSIX ones, for ThreadSanitizer builds of monitord and monitorctl only.
//
// g++ 12's ThreadSanitizer knows pthread_* but not thrd_*, mtx_* and cnd_*, which Debian's librdkafka uses: its threads
// would have no state of the sanitizer and crash, its locks would order nothing. glibc's C11 types are its POSIX types
// under other names, so these forward to them.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* Run(void* start) {
  const Start own = *static_cast<Start*>(start);
  delete static_cast<Start*>(start);
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(own.function(own.argument)));
}

int Code(int error) {
  return error == 0 ? thrd_success : error == EBUSY ? thrd_busy : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}
pthread_mutex_t* Mutex(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* Condition(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  return Code(pthread_create(thread, nullptr, Run, new Start{function, argument}));
}
int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return Code(error);
}
int thrd_detach(thrd_t thread) { return Code(pthread_detach(thread)); }

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  return Code(pthread_mutex_init(Mutex(mutex), &attributes));
}
int mtx_lock(mtx_t* mutex) { return Code(pthread_mutex_lock(Mutex(mutex))); }
int mtx_trylock(mtx_t* mutex) { return Code(pthread_mutex_trylock(Mutex(mutex))); }
int mtx_timedlock(mtx_t* mutex, const timespec* until) { return Code(pthread_mutex_timedlock(Mutex(mutex), until)); }
int mtx_unlock(mtx_t* mutex) { return Code(pthread_mutex_unlock(Mutex(mutex))); }
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(Mutex(mutex)); }

int cnd_init(cnd_t* condition) { return Code(pthread_cond_init(Condition(condition), nullptr)); }
int cnd_signal(cnd_t* condition) { return Code(pthread_cond_signal(Condition(condition))); }
int cnd_broadcast(cnd_t* condition) { return Code(pthread_cond_broadcast(Condition(condition))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) { return Code(pthread_cond_wait(Condition(condition), Mutex(mutex))); }
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return Code(pthread_cond_timedwait(Condition(condition), Mutex(mutex), until));
}
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(Condition(condition)); }

}  // extern "C"

// When librdkafka's last reference to a topic goes, the lock in it is destroyed; that the other threads have let go of
// it it knows by counters that are not instrumented.
extern "C" const char* __tsan_default_suppressions() { return "race_top:pthread_rwlock_destroy\n"; }
