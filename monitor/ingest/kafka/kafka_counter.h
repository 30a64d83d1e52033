// KafkaCounter: one consumer, one thread that owns it, the shard counters of the partitions that it reads, and the
// tally behind them, which counts what they have decoded.
//
// Reads by `assign` from the offsets that the judge gives; never joins a group. Between two deltas it holds only what
// can be read again. Orders (assign, new plan, hold, pause) come through a queue and are carried out between two
// batches, because librdkafka's batch interface wants one thread. A delta is handed over about once a second or when
// it has rows worth counting, later while the judge has enough to do, or when it is large; only then may the counter
// have to wait for the judge. Where a shard goes on, the record before it is read again and its hash compared: a
// recreated topic is a gap, not a continuation. A message whose schema is not known yet (the registry does not
// answer) makes its shard wait there, as long as it takes; the others go on. Everything public is thread-safe. Cost:
// about 100 ns per record beside decoding and counting.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "monitor/ingest/kafka/dead_letters.h"
#include "monitor/ingest/kafka/fetch_nudge.h"
#include "monitor/ingest/kafka/kafka_client.h"
#include "monitor/ingest/kafka/poll_gaps.h"
#include "monitor/ingest/shard_counter.h"
#include "monitor/ingest/tally.h"

namespace monitor {

class KafkaCounter {
 public:
  // Bytes that all shards may hold before the judge has to take them.
  static constexpr std::size_t kMostHeld = 64u << 20;

  struct HandOver {
    std::function<bool()> has_room;        // whether `push` will not wait, nor soon
    std::function<void(ShardDelta)> push;  // may wait: back-pressure
  };
  using Committed = std::function<std::map<ShardId, std::int64_t>()>;  // offsets of the last checkpoint, for lag tools

  // `gaps` must outlive this.
  KafkaCounter(const Config& config, std::shared_ptr<const CountingPlan> plan, HandOver hand_over, Committed committed,
               PollGaps& gaps);
  ~KafkaCounter();

  void Assign(const ShardId& shard, const ShardStart& start);
  // Hands over everything, then waits for SetPlan; `held` is called when that is done.
  void Hold(std::function<void()> held);
  void SetPlan(std::shared_ptr<const CountingPlan> plan);
  // Exactly these shards rest; the others are read.
  void Pause(std::set<ShardId> resting);
  // Hands over everything and ends the thread.
  void Stop();
  std::uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }

 private:
  struct Reading;

  void Run();
  void Order(std::function<void()> order);
  void CarryOutOrders();
  void Take(const rd_kafka_message_t& message);
  void TakeRecord(Reading& reading, const rd_kafka_message_t& message);
  bool CheckPrevious(Reading& reading, const rd_kafka_message_t& message);
  void TakeFault(const rd_kafka_message_t& message);
  void Restart(Reading& reading, const std::string& why);
  void WaitForSchema(Reading& reading);
  void ResumeWaiting();
  void StartReading(const ShardId& shard, std::int64_t offset);
  void StopReading(const ShardId& shard);
  void KeepFetching();
  void HandOverDue();
  bool HandOverAll();  // false: copies of rejects are not safe yet, try again
  void CommitForLagTools();

  KafkaHandle client_;
  KafkaQueue queue_;
  FetchNudge nudge_;
  std::optional<DeadLetters> dead_letters_;
  std::shared_ptr<const CountingPlan> plan_;
  HandOver hand_over_;
  Tally tally_;
  Committed committed_;
  PollGaps& gaps_;
  std::map<ShardId, std::unique_ptr<Reading>> readings_;
  const char* last_topic_ = nullptr;  // of the previous message: the topic's handle is the same for a run of them
  Reading* last_reading_ = nullptr;
  std::vector<Header> headers_;                      // of the message that is being counted
  std::chrono::steady_clock::time_point resumed_{};  // when those that wait were last tried again
  std::size_t waiting_ = 0;                          // shards
  bool holding_ = false;
  std::optional<ShardId> last_handed_over_;
  bool left_due_ = false;  // some were due and had to wait
  bool full_ = false;      // no more is read until the copies of rejects are safe

  std::mutex mutex_;
  std::deque<std::function<void()>> orders_;  // guarded by mutex_
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> progress_{0};
  std::thread thread_;
};

}  // namespace monitor
