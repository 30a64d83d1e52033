// PairBook: halves of calls of one model that wait for their other half (formats that log request and response apart).
//
// A half waits until the model's watermark has passed its time by `allowed_lateness`, then it is an orphan: a pair that
// completes later would be late anyway. Halves that wait are part of every checkpoint, so a pair is counted once,
// however crashes cut it; the newest ids of complete pairs are kept as long, in
// memory only, to tell halves that are sent again.
// Bounded: beyond kMostBytes the halves of the oldest events are given up as orphans; shards that are ahead rest before
// that (nearly_full). Owned by the judge; Save belongs into the checkpoint transaction. Cost: about 1 µs per half.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "monitor/ingest/shard_delta.h"
#include "monitor/store/sqlite.h"

namespace monitor {

class PairBook {
 public:
  static constexpr std::size_t kMostBytes = 64u << 20;
  static constexpr std::size_t kMostWhole = 100'000;  // ids of complete pairs

  // Takes up what was waiting at the last checkpoint.
  PairBook(Sqlite& db, std::string model);

  // How the requests of the model are read; its only model is this one.
  void SetPlan(std::shared_ptr<const TopicPlan> plan) { plan_ = std::move(plan); }
  // Takes the model's halves out of the delta; the calls that became whole are counted into it as if its shard had
  // brought them so. `largest_ns`: the model's largest event time of the shard before this delta.
  void Join(ShardDelta& delta, std::int64_t largest_ns);
  // The halves that have waited in vain.
  std::vector<CallHalf> Expire(std::int64_t watermark_ns);
  bool nearly_full() const { return bytes_ > kMostBytes / 2; }

  void Save();

 private:
  struct Entry {
    CallHalf half;
    bool whole = false;   // the pair is complete: kept to tell halves that come again
    bool stored = false;  // it is in the table
  };
  using Entries = std::unordered_map<std::string, Entry>;

  void Keep(CallHalf half, bool stored);
  void Forget(Entries::iterator entry);  // a half that waits no more
  CallHalf Drop(Entries::iterator entry);
  std::int64_t TimeToLive() const { return plan_->models.front()->lateness_ns; }

  Sqlite& db_;
  std::string model_;
  std::shared_ptr<const TopicPlan> plan_;
  Entries entries_;
  std::set<std::pair<std::int64_t, std::string>> by_time_;  // all entries
  std::size_t bytes_ = 0;                                   // of the halves that wait
  std::deque<std::string> whole_;                           // in the order of their completion
  std::vector<CallHalf> given_up_;
  std::vector<std::string> fresh_, gone_;  // since the last Save: to be written, to be deleted
};

}  // namespace monitor
