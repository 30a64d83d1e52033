// BaselineLearner: makes the baselines of models with `baseline: learn` from their live traffic, and the parts that
// others lack because their training data had no predictions, scores or labels (complete.h).
//
// Two passes over the log. The first follows a model's requests as they come and only looks at their times, and whether
// they have the parts that are lacked, until there is enough of them (learning.h). The second reads that range again
// from Kafka, with the labels that have come by then (learn_baseline.h), keeps at most kMostRows rows by a hash of the
// id, and makes the baseline. Quality alone waits until its labels have come. Nothing in between is kept: after a crash
// the log is read again, so every record counts at most once. Only where reading began is kept, in state/learning, for
// `start: latest` and `start: 7d`. Where hardly any of as many rows as are wanted have the parts, they are looked for
// again an hour later, in what comes then. A part is taken where at least one row in a hundred has it, quality from 100
// labels on. After a fault, which it also is when less than half of the rows that were counted can be read again, all
// begins anew 5 s later, after each further one in twice that time, up to an hour. One thread. Memory: a Kafka client
// per model that is followed, in the second pass that of TrafficRows.
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
#include "monitor/daemon/config/config.h"
#include "monitor/judge/judge.h"
#include "monitor/serve/learning_progress.h"

namespace monitor {

class Learning;
class TrafficRows;

class BaselineLearner {
 public:
  static constexpr std::uint64_t kMostRows = 1'000'000;

  // Take over what was learnt; the next SetModels has it among the baselines. Called on the learner's thread.
  struct Made {
    std::function<void(const std::string& model, const baselines::Profile& profile)> baseline;
    // Returns false where the model's baseline lacks nothing of it.
    std::function<bool(const std::string& model, const baselines::Profile& learnt)> parts;
  };

  explicit BaselineLearner(Made made);
  ~BaselineLearner() { Stop(); }
  BaselineLearner(const BaselineLearner&) = delete;
  BaselineLearner& operator=(const BaselineLearner&) = delete;

  // The models of `config` that are not in `baselines`, or lack parts there, learn. Those whose baseline is as before
  // go on where they are if the configuration's text is, too. Thread-safe.
  void SetModels(const Config& config, const std::map<std::string, ModelBaselines>& baselines);
  std::vector<LearningProgress> Progress() const;  // thread-safe
  void Stop();

 private:
  struct Reading;

  void Run();
  void Work(Reading& reading);
  void Follow(Reading& reading);
  void LookAgainLater(Reading& reading);
  // nullptr when it is to stop. Throws std::runtime_error where too little of what was counted is still there.
  std::unique_ptr<TrafficRows> Rows(const Learning& learning) const;
  void Make(const Learning& learning);
  bool MakeParts(const Learning& learning);

  Made made_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, std::shared_ptr<Reading>> models_;  // guarded by mutex_
  std::string config_text_;                                 // that they are of; guarded by mutex_
  std::thread thread_;
};

}  // namespace monitor
