// RunStrips and RunEach: work on the strips of a file with all cores, results merged in the order of the file.
//
// work(strip) runs on any thread, merge(strip, result) under a lock, in rising order, so the outcome does not depend on
// the number of threads. A thread that is far ahead of the slowest one waits, so few results are held at a time. Of
// several errors the one of the earliest strip is thrown, after all threads have ended.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace baselines {

template <class Work, class Merge>
void RunStrips(std::size_t strips, unsigned threads, const Work& work, const Merge& merge) {
  using Result = decltype(work(std::size_t{}));
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t ahead = std::size_t{2} * threads;

  std::mutex mutex;
  std::condition_variable moved;
  std::size_t taken = 0, merged = 0, failed = strips;  // guarded by mutex, as are the following
  std::map<std::size_t, Result> waiting;
  std::exception_ptr error;

  const auto run = [&] {
    std::unique_lock lock(mutex);
    for (;;) {
      moved.wait(lock, [&] { return taken >= failed || taken < merged + ahead; });
      if (taken >= failed) return;
      const std::size_t strip = taken++;
      lock.unlock();
      try {
        Result result = work(strip);
        lock.lock();
        waiting.emplace(strip, std::move(result));
        while (!waiting.empty() && waiting.begin()->first == merged && merged < failed) {
          merge(merged, std::move(waiting.begin()->second));
          waiting.erase(waiting.begin());
          ++merged;
        }
      } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        if (strip < failed) {
          failed = strip;
          error = std::current_exception();
        }
      }
      moved.notify_all();
    }
  };
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 1; i < std::min<std::size_t>(threads, strips); ++i) pool.emplace_back(run);
    run();
  }
  if (error) std::rethrow_exception(error);
}

// work(i) for every i below `count`, in no order, on any thread.
template <class Work>
void RunEach(std::size_t count, unsigned threads, const Work& work) {
  RunStrips(
      count, threads, [&work](std::size_t i) { return work(i), nullptr; }, [](std::size_t, std::nullptr_t) {});
}

}  // namespace baselines
