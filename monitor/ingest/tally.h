// Tally: counts the rows of deltas on a thread of its own, between a counter, which then only decodes, and the judge.
//
// Deltas go on in the order in which they came. One whose panes have few rows is left as it is: the judge counts those,
// in less memory. With nothing to count and none waiting a delta goes on at once, on the caller's thread. Everything
// public is thread-safe but Push, which one thread calls.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "monitor/ingest/shard_delta.h"

namespace monitor {

class Tally {
 public:
  // `next` may wait: back-pressure. It is called on the thread of the tally or of Push, never on both at once.
  explicit Tally(std::function<void(ShardDelta)> next);
  ~Tally();  // after Drain

  bool HasRoom();               // whether Push will not wait
  void Push(ShardDelta delta);  // waits while there are too many
  void Drain();                 // until all have gone on

 private:
  void Run();

  static constexpr std::size_t kMostDeltas = 4;

  std::function<void(ShardDelta)> next_;
  std::mutex mutex_;
  std::condition_variable wake_, room_;
  std::deque<ShardDelta> waiting_;  // guarded by mutex_
  bool busy_ = false;               // guarded by mutex_: one that is not in waiting_ has not gone on yet
  bool stop_ = false;               // guarded by mutex_
  std::thread thread_;
};

}  // namespace monitor
