// JudgeLoop: the judge's thread and its mailbox.
//
// Counters hand over deltas (bounded: Push waits while too many are queued, which holds back their polling), the topic
// watcher tells of partitions and ends of logs, the delivery threads report tries, the main thread asks for reloads.
// The loop applies them in order, commits when due and hands committed messages to the delivery. Everything public is
// thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "alerts/delivery.h"
#include "monitor/judge/judge.h"

namespace monitor {

class JudgeLoop {
 public:
  // `announce` takes committed messages. `fatal` is called once, on the loop's thread, when the state cannot be written
  // any more.
  JudgeLoop(Judge& judge, std::function<void(std::vector<alerts::OutboxRow>)> announce,
            std::function<void(std::string)> fatal, std::function<std::int64_t()> steady);
  ~JudgeLoop();

  void Push(ShardDelta delta);                    // waits while the mailbox is full
  bool HasRoom();                                 // half of the mailbox
  void Post(std::function<void(Judge&)> action);  // runs on the judge's thread, in order with the deltas; never waits
  // Post, and wait for the result. Must not be called on the judge's thread.
  template <class Result>
  Result Ask(std::function<Result(Judge&)> question) {
    auto task = std::make_shared<std::packaged_task<Result(Judge&)>>(std::move(question));
    auto answer = task->get_future();
    Post([task](Judge& judge) { (*task)(judge); });
    return answer.get();
  }

  // Applies what is queued, commits and ends the thread.
  void Stop();
  std::uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }  // grows while the loop runs

 private:
  void Run();
  void Commit();

  static constexpr std::size_t kMostDeltas = 16;  // of at most about 40 MiB each (ShardCounter::large)
  using Mail = std::variant<ShardDelta, std::function<void(Judge&)>>;

  Judge& judge_;
  std::function<void(std::vector<alerts::OutboxRow>)> announce_;
  std::function<void(std::string)> fatal_;
  std::function<std::int64_t()> steady_;
  std::mutex mutex_;
  std::condition_variable wake_, room_;
  std::deque<Mail> mail_;   // guarded by mutex_
  std::size_t deltas_ = 0;  // guarded by mutex_
  bool stop_ = false;       // guarded by mutex_
  bool dead_ = false;       // guarded by mutex_: the loop has ended, mail is dropped
  std::atomic<std::uint64_t> progress_{0};
  std::thread thread_;
};

}  // namespace monitor
