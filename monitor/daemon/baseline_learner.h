// BaselineLearner: makes the baselines of models with `baseline: learn` from their live traffic.
//
// Two passes over the log. The first follows a model's requests as they come and only looks at their times, until there
// are `learn.rows` of them over `learn.for` of event time (in whole hours), all that the log has is read, and a record
// later than the end of that time by `allowed_lateness` has come. The second reads that range again from Kafka, with
// the labels that have come by then (learn_baseline.h), keeps at most kMostRows rows by a hash of the id, and makes the
// baseline. Nothing in between is kept: after a crash the log is read again, so every record counts at most once. Only
// where reading began is kept, in state/learning/<model>, for `start: latest` and `start: 7d`. One thread; a broker
// that does not answer is asked again. Memory: a Kafka client per model that learns, in the second pass that of
// TrafficRows.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "baselines/profile.h"
#include "monitor/daemon/config.h"
#include "monitor/judge/judge.h"
#include "monitor/serve/learning_progress.h"

namespace monitor {

class BaselineLearner {
 public:
  static constexpr std::uint64_t kMostRows = 1'000'000;

  // Takes the baseline over; the next SetModels has it among the baselines. Called on the learner's thread.
  using Made = std::function<void(const std::string& model, const baselines::Profile& profile)>;

  explicit BaselineLearner(Made made);
  ~BaselineLearner() { Stop(); }
  BaselineLearner(const BaselineLearner&) = delete;
  BaselineLearner& operator=(const BaselineLearner&) = delete;

  // The models of `config` that are not in `baselines` learn. Thread-safe.
  void SetModels(const Config& config, const std::map<std::string, ModelBaselines>& baselines);
  std::vector<LearningProgress> Progress() const;  // thread-safe
  void Stop();

 private:
  struct Learning;

  void Run();
  void Work(Learning& learning);
  bool Follow(Learning& learning);
  void Make(Learning& learning);

  Made made_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, std::shared_ptr<Learning>> models_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace monitor
