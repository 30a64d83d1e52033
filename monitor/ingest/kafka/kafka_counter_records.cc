// What a message means for its partition: a record to be counted, one that was counted already, or a log that is not
// the one that was read.
#include <algorithm>
#include <string>

#include "detectors/hash.h"
#include "monitor/daemon/log.h"
#include "monitor/ingest/kafka/kafka_message.h"
#include "monitor/ingest/kafka/kafka_reading.h"

namespace monitor {
namespace {

constexpr int kQueryMs = 5000;

}  // namespace

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

}  // namespace monitor
