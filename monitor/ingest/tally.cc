#include "monitor/ingest/tally.h"

#include <utility>

#include "monitor/daemon/thread_name.h"
namespace monitor {

Tally::Tally(std::function<void(ShardDelta)> next) : next_(std::move(next)), thread_([this] { Run(); }) {}

Tally::~Tally() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

bool Tally::HasRoom() {
  const std::lock_guard lock(mutex_);
  return waiting_.size() < kMostDeltas;
}

void Tally::Push(ShardDelta delta) {
  std::unique_lock lock(mutex_);
  if (waiting_.empty() && !busy_ && !delta.many_rows()) {
    lock.unlock();
    next_(std::move(delta));
    return;
  }
  room_.wait(lock, [this] { return waiting_.size() < kMostDeltas; });
  waiting_.push_back(std::move(delta));
  wake_.notify_one();
}

void Tally::Drain() {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return waiting_.empty() && !busy_; });
}

void Tally::Run() {
  NameThread("tally");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return !waiting_.empty() || stop_; });
    if (waiting_.empty()) return;
    ShardDelta delta = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    delta.CountManyRows();
    next_(std::move(delta));
    lock.lock();
    busy_ = false;
    room_.notify_all();
  }
}

}  // namespace monitor
