#include "monitor/ingest/kafka_counter.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "detectors/hash.h"
#include "monitor/daemon/log.h"
#include "monitor/daemon/thread_name.h"
#include "monitor/ingest/kafka_message.h"

namespace monitor {
namespace {

constexpr std::size_t kBatch = 256;  // where every record is of another model it takes 20 µs: 5 ms between two polls
constexpr std::size_t kAhead = 4;    // messages whose bytes are fetched early: another processor's cache has them
constexpr std::size_t kPrefetchBytes = 1024;
constexpr std::size_t kCacheLine = 64;
constexpr int kWaitMs = 250;  // until a poll gives fewer records than it could: few polls where few records come
constexpr int kQueryMs = 5000;
constexpr auto kResumeEvery = std::chrono::milliseconds(200);
constexpr auto kHandOverEvery = std::chrono::seconds(1);
constexpr auto kHandOverFor = std::chrono::milliseconds(5);  // between two polls, where several are due
constexpr auto kOverdue = 2 * kHandOverEvery;
constexpr int kShortWaitMs = 5;               // of a poll while some are due
constexpr std::size_t kMostHeld = 64u << 20;  // bytes that all shards may hold before the judge has to take them
constexpr auto kSafeCopies = std::chrono::seconds(1);  // to wait for them where everything is to be handed over
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

struct KafkaCounter::Reading {
  Reading(const ShardId& shard, std::shared_ptr<const TopicPlan> plan, const ShardStart& start)
      : counter(shard, std::move(plan), start),
        expected(start.next_offset),
        check_offset(start.last_offset),
        check_hash(start.last_hash) {}

  ShardCounter counter;
  std::int64_t expected;           // smaller offsets were counted already
  std::int64_t check_offset = -1;  // the record before: to be compared, not counted
  std::uint64_t check_hash = 0;
  bool resting = false;    // the judge wants it to
  bool waiting = false;    // for a schema, to go on at `expected`
  bool restarted = false;  // within this batch: what is left of the old log in it does not count
  std::chrono::steady_clock::time_point handed_over = std::chrono::steady_clock::now();
};

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

void KafkaCounter::Take(const rd_kafka_message_t& message) {
  if (message.rkt == nullptr) {
    if (message.err != RD_KAFKA_RESP_ERR__TRANSPORT && message.err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      Log(LogLevel::kWarning, std::string("kafka: ") + rd_kafka_message_errstr(&message));
    }
    return;
  }
  const char* topic = rd_kafka_topic_name(message.rkt);
  if (topic != last_topic_ || last_reading_->counter.id().partition != message.partition) {
    const auto found = readings_.find({topic, message.partition});
    if (found == readings_.end()) return;
    last_topic_ = topic;
    last_reading_ = found->second.get();
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    TakeFault(message);
  } else {
    TakeRecord(*last_reading_, message);
  }
}

void KafkaCounter::TakeRecord(Reading& reading, const rd_kafka_message_t& message) {
  if (reading.resting || reading.waiting || reading.restarted) return;
  if (reading.check_offset >= 0 && !CheckPrevious(reading, message)) return;
  if (message.offset < reading.expected) return;
  const Message read = MessageOf(message, reading.counter.needs_headers(), headers_);
  if (!reading.counter.Ready(read)) {
    reading.expected = message.offset;
    return WaitForSchema(reading);
  }
  reading.expected = message.offset + 1;
  const auto reject = reading.counter.Add(read);
  if (reject && dead_letters_) dead_letters_->Copy(message, *reject);
}

// True when `message` is to be counted.
bool KafkaCounter::CheckPrevious(Reading& reading, const rd_kafka_message_t& message) {
  const std::int64_t previous = reading.check_offset;
  reading.check_offset = -1;
  if (message.offset == previous) {
    if (detectors::Hash64({static_cast<const char*>(message.payload), message.len}) == reading.check_hash) return false;
    Restart(reading, "the record at offset " + std::to_string(previous) +
                         " is not the one that was read: the topic was recreated");
    return false;
  }
  std::int64_t low = 0, high = 0;
  const ShardId& shard = reading.counter.id();
  if (rd_kafka_query_watermark_offsets(client_.get(), shard.topic.c_str(), shard.partition, &low, &high, kQueryMs) ==
          RD_KAFKA_RESP_ERR_NO_ERROR &&
      low > reading.expected) {
    reading.counter.NoteGap(static_cast<std::uint64_t>(low - reading.expected), low);
  }
  return true;
}

void KafkaCounter::TakeFault(const rd_kafka_message_t& message) {
  Reading& reading = *last_reading_;
  if (reading.restarted) return;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (reading.check_offset >= 0 && message.offset <= reading.check_offset) {
      Restart(reading, "the log ends at offset " + std::to_string(message.offset) +
                           ", before what was read: the topic was recreated");
    } else if (!reading.resting && !reading.waiting && message.offset > reading.expected) {
      reading.expected = message.offset;
      reading.counter.SetNext(message.offset);
    }
    return;
  }
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    Restart(reading, "the log no longer has offset " + std::to_string(reading.expected));
    return;
  }
  Log(LogLevel::kWarning, "kafka: " + reading.counter.id().topic + "/" + std::to_string(message.partition) + ": " +
                              rd_kafka_message_errstr(&message));
}

// Goes on at the beginning of the log that is there now, and tells what was lost.
void KafkaCounter::Restart(Reading& reading, const std::string& why) {
  const ShardId& shard = reading.counter.id();
  std::int64_t low = 0, high = 0;
  if (const auto fault =
          rd_kafka_query_watermark_offsets(client_.get(), shard.topic.c_str(), shard.partition, &low, &high, kQueryMs);
      fault != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Log(LogLevel::kError, "kafka: " + shard.topic + ": " + rd_kafka_err2str(fault));
    low = RD_KAFKA_OFFSET_BEGINNING;
  }
  const std::uint64_t lost = low > reading.expected ? static_cast<std::uint64_t>(low - reading.expected) : 0;
  Log(LogLevel::kError, shard.topic + "/" + std::to_string(shard.partition) + ": " + why +
                            "; reading goes on at offset " + std::to_string(low) + ", " + std::to_string(lost) +
                            " records are known to be lost");
  reading.check_offset = -1;
  reading.restarted = true;
  reading.expected = std::max<std::int64_t>(low, 0);
  reading.counter.NoteGap(lost, reading.expected);
  StopReading(shard);
  StartReading(shard, low);
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

// Goes on behind the shard that was last, so that none waits for ever where there is not time or room for all.
void KafkaCounter::HandOverDue() {
  const auto began = std::chrono::steady_clock::now();
  auto now = began;
  std::size_t held = 0;
  for (const auto& [shard, reading] : readings_) held += reading->counter.bytes();
  left_due_ = full_ = false;
  auto next = last_handed_over_ ? readings_.upper_bound(*last_handed_over_) : readings_.begin();
  for (std::size_t left = readings_.size(); left > 0; --left, ++next) {
    if (next == readings_.end()) next = readings_.begin();
    auto& [shard, reading] = *next;
    const auto since = now - reading->handed_over;
    const bool must = reading->counter.large() || (held > kMostHeld && reading->counter.dirty());
    const bool due = reading->counter.worth_counting() || (since >= kHandOverEvery && reading->counter.dirty());
    if (!must && !due) continue;
    if (!must && !(tally_.HasRoom() && hand_over_.has_room())) {
      left_due_ = true;
      return;
    }
    // Offsets must not move past a reject whose copy could still be lost; the newest copies are on their way.
    if (dead_letters_ && !dead_letters_->Flush(must || since >= kOverdue ? kSafeCopies : std::chrono::seconds(0))) {
      left_due_ = true;
      full_ = must;
      return;
    }
    tally_.Push(reading->counter.Take());
    last_handed_over_ = shard;
    now = reading->handed_over = std::chrono::steady_clock::now();
    if (now - began >= kHandOverFor) {
      left_due_ = true;
      return;
    }
  }
}

bool KafkaCounter::HandOverAll() {
  if (dead_letters_ && !dead_letters_->Flush(kSafeCopies)) return false;
  for (auto& [shard, reading] : readings_) {
    if (reading->counter.dirty()) tally_.Push(reading->counter.Take());
  }
  tally_.Drain();
  return true;
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
