#include "monitor/ingest/kafka/kafka_counter.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "monitor/daemon/log.h"
#include "monitor/daemon/thread_name.h"
#include "monitor/ingest/kafka/kafka_reading.h"

namespace monitor {
namespace {

constexpr std::size_t kBatch = 256;  // where every record is of another model it takes 20 µs: 5 ms between two polls
constexpr std::size_t kAhead = 4;    // messages whose bytes are fetched early: another processor's cache has them
constexpr std::size_t kPrefetchBytes = 1024;
constexpr std::size_t kCacheLine = 64;
constexpr int kWaitMs = 250;  // until a poll gives fewer records than it could: few polls where few records come
constexpr auto kResumeEvery = std::chrono::milliseconds(200);
constexpr int kShortWaitMs = 5;  // of a poll while some are due
constexpr auto kCommitEvery = std::chrono::seconds(5);

KafkaPartitions OnePartition(const ShardId& shard, std::int64_t offset) {
  KafkaPartitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), shard.topic.c_str(), shard.partition)->offset = offset;
  return list;
}

void Check(rd_kafka_error_t* error, const char* what) {
  if (error == nullptr) return;
  Log(LogLevel::kError, std::string("kafka: ") + what + ": " + rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
}

void PrefetchPayload(const rd_kafka_message_t& message) {
  const char* const payload = static_cast<const char*>(message.payload);
  const std::size_t bytes = std::min(message.len, kPrefetchBytes);
  for (std::size_t at = 0; at < bytes; at += kCacheLine) __builtin_prefetch(payload + at);
}

}  // namespace

KafkaCounter::KafkaCounter(const Config& config, std::shared_ptr<const CountingPlan> plan, HandOver hand_over,
                           Committed committed, PollGaps& gaps)
    : client_(MakeConsumer(config)),
      nudge_(client_.get()),
      plan_(std::move(plan)),
      hand_over_(std::move(hand_over)),
      tally_(hand_over_.push),
      committed_(std::move(committed)),
      gaps_(gaps) {
  if (!config.dead_letters.empty()) dead_letters_.emplace(config);
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  thread_ = std::thread([this] { Run(); });
}

KafkaCounter::~KafkaCounter() {
  Stop();
  readings_.clear();
  queue_.reset();
  rd_kafka_consumer_close(client_.get());
}

void KafkaCounter::Assign(const ShardId& shard, const ShardStart& start) {
  Order([this, shard, start] {
    const auto topic = plan_->topics.find(shard.topic);
    if (topic == plan_->topics.end() || readings_.contains(shard)) return;
    auto reading = std::make_unique<Reading>(shard, topic->second, start);
    StartReading(shard, start.last_offset >= 0 ? start.last_offset : start.next_offset);
    readings_[shard] = std::move(reading);
  });
}

void KafkaCounter::Hold(std::function<void()> held) {
  Order([this, held = std::move(held)] {
    if (!HandOverAll()) {
      Hold(held);
      return;
    }
    holding_ = true;
    held();
  });
}

void KafkaCounter::SetPlan(std::shared_ptr<const CountingPlan> plan) {
  Order([this, plan = std::move(plan)] {
    holding_ = false;
    plan_ = plan;
    for (auto reading = readings_.begin(); reading != readings_.end();) {
      const auto topic = plan_->topics.find(reading->first.topic);
      if (topic != plan_->topics.end()) {
        reading->second->counter.SetPlan(topic->second);
        ++reading;
      } else {
        if (!reading->second->resting && !reading->second->waiting) StopReading(reading->first);
        waiting_ -= reading->second->waiting ? 1 : 0;
        reading = readings_.erase(reading);
        last_topic_ = nullptr;
      }
    }
  });
}

void KafkaCounter::Pause(std::set<ShardId> resting) {
  Order([this, resting = std::move(resting)] {
    for (auto& [shard, reading] : readings_) {
      const bool rest = resting.contains(shard);
      if (rest == reading->resting) continue;
      // Not librdkafka's pause: with the batch interface only an assignment from a known offset is certain to repeat
      // and to miss nothing.
      reading->resting = rest;
      if (reading->waiting) continue;
      if (rest) {
        StopReading(shard);
      } else {
        StartReading(shard, reading->expected);
      }
    }
  });
}

void KafkaCounter::Stop() {
  stop_ = true;
  rd_kafka_queue_yield(queue_.get());
  if (thread_.joinable()) thread_.join();
  tally_.Drain();
}

void KafkaCounter::WaitForSchema(Reading& reading) {
  StopReading(reading.counter.id());
  reading.waiting = true;
  ++waiting_;
}

// Those that wait are read again from the message that they wait with; where its schema is still unknown, they wait on.
void KafkaCounter::ResumeWaiting() {
  const auto now = std::chrono::steady_clock::now();
  if (waiting_ == 0 || now - resumed_ < kResumeEvery) return;
  resumed_ = now;
  for (auto& [shard, reading] : readings_) {
    if (!reading->waiting || !reading->counter.schema_arrived()) continue;
    reading->waiting = false;
    --waiting_;
    if (!reading->resting) StartReading(shard, reading->expected);
  }
}

void KafkaCounter::StartReading(const ShardId& shard, std::int64_t offset) {
  Check(rd_kafka_incremental_assign(client_.get(), OnePartition(shard, offset).get()), "assign");
}

void KafkaCounter::StopReading(const ShardId& shard) {
  Check(rd_kafka_incremental_unassign(client_.get(), OnePartition(shard, 0).get()), "unassign");
}

void KafkaCounter::Order(std::function<void()> order) {
  {
    const std::lock_guard lock(mutex_);
    orders_.push_back(std::move(order));
  }
  rd_kafka_queue_yield(queue_.get());  // ends a poll that waits for records
}

void KafkaCounter::CarryOutOrders() {
  std::deque<std::function<void()>> orders;
  {
    const std::lock_guard lock(mutex_);
    orders.swap(orders_);
  }
  for (const auto& order : orders) order();
}

void KafkaCounter::Run() {
  NameThread("counter");
  std::vector<rd_kafka_message_t*> batch(kBatch);
  auto polled = std::chrono::steady_clock::now();
  auto committed = polled;
  while (!stop_) {
    CarryOutOrders();
    progress_.fetch_add(1, std::memory_order_relaxed);
    if (holding_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      polled = std::chrono::steady_clock::now();
      continue;
    }
    if (full_) {
      HandOverDue();
      continue;
    }
    ResumeWaiting();
    gaps_.Note(std::chrono::steady_clock::now() - polled);
    const ssize_t got =
        rd_kafka_consume_batch_queue(queue_.get(), left_due_ ? kShortWaitMs : kWaitMs, batch.data(), batch.size());
    polled = std::chrono::steady_clock::now();
    const std::size_t messages = got > 0 ? static_cast<std::size_t>(got) : 0;
    for (std::size_t i = 0; i < messages; ++i) {
      if (i + 2 * kAhead < messages) __builtin_prefetch(batch[i + 2 * kAhead]);
      if (i + kAhead < messages) PrefetchPayload(*batch[i + kAhead]);
      Take(*batch[i]);
    }
    if (got > 0) {
      for (auto& [shard, reading] : readings_) {
        reading->counter.EndBatch();
        reading->restarted = false;
      }
    }
    for (ssize_t i = 0; i < got; ++i) rd_kafka_message_destroy(batch[static_cast<std::size_t>(i)]);
    last_topic_ = nullptr;
    KeepFetching();

    HandOverDue();
    if (polled - committed >= kCommitEvery) {
      CommitForLagTools();
      committed = polled;
    }
  }
  HandOverAll();
}

void KafkaCounter::KeepFetching() {
  if (!nudge_.Due(queue_.get())) return;
  KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(readings_.size())));
  for (const auto& [shard, reading] : readings_) {
    if (!reading->resting && !reading->waiting)
      rd_kafka_topic_partition_list_add(list.get(), shard.topic.c_str(), shard.partition);
  }
  nudge_.Send(list.get());
}

void KafkaCounter::CommitForLagTools() {
  KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(readings_.size())));
  for (const auto& [shard, offset] : committed_()) {
    if (readings_.contains(shard))
      rd_kafka_topic_partition_list_add(list.get(), shard.topic.c_str(), shard.partition)->offset = offset;
  }
  if (list->cnt > 0) rd_kafka_commit(client_.get(), list.get(), 1);
}

}  // namespace monitor
