#include "monitor/judge/judge_loop.h"

#include <chrono>
#include <exception>

#include "monitor/daemon/thread_name.h"

namespace monitor {

JudgeLoop::JudgeLoop(Judge& judge, std::function<void(std::vector<alerts::OutboxRow>)> announce,
                     std::function<void(std::string)> fatal, std::function<std::int64_t()> steady)
    : judge_(judge),
      announce_(std::move(announce)),
      fatal_(std::move(fatal)),
      steady_(std::move(steady)),
      thread_([this] { Run(); }) {}

JudgeLoop::~JudgeLoop() { Stop(); }

void JudgeLoop::Push(ShardDelta delta) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return deltas_ < kMostDeltas || dead_; });
  if (dead_) return;
  mail_.emplace_back(std::move(delta));
  ++deltas_;
  wake_.notify_one();
}

bool JudgeLoop::HasRoom() {
  const std::lock_guard lock(mutex_);
  return deltas_ < kMostDeltas / 2 || dead_;
}

void JudgeLoop::Post(std::function<void(Judge&)> action) {
  const std::lock_guard lock(mutex_);
  if (dead_) return;
  mail_.emplace_back(std::move(action));
  wake_.notify_one();
}

void JudgeLoop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void JudgeLoop::Commit() { announce_(judge_.Checkpoint()); }

void JudgeLoop::Run() {
  NameThread("judge");
  try {
    while (true) {
      std::optional<Mail> mail;
      {
        std::unique_lock lock(mutex_);
        const auto due = std::chrono::nanoseconds(judge_.next_checkpoint_ns() - steady_());
        wake_.wait_for(
            lock,
            std::min<std::chrono::nanoseconds>(std::max<std::chrono::nanoseconds>(due, {}), std::chrono::seconds(1)),
            [this] { return !mail_.empty() || stop_; });
        if (mail_.empty() && stop_) break;
        if (!mail_.empty()) {
          mail = std::move(mail_.front());
          mail_.pop_front();
          if (std::holds_alternative<ShardDelta>(*mail)) {
            --deltas_;
            room_.notify_all();
          }
        }
      }
      if (mail) {
        if (auto* delta = std::get_if<ShardDelta>(&*mail)) {
          judge_.Apply(std::move(*delta));
        } else {
          std::get<std::function<void(Judge&)>> (*mail)(judge_);
        }
      }
      if (steady_() >= judge_.next_checkpoint_ns()) Commit();
      progress_.fetch_add(1, std::memory_order_relaxed);
    }
    Commit();
  } catch (const std::exception& fault) {
    fatal_(fault.what());
  }
  const std::lock_guard lock(mutex_);
  dead_ = true;
  mail_.clear();
  room_.notify_all();
}

}  // namespace monitor
