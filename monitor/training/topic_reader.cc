#include "monitor/training/topic_reader.h"

#include <algorithm>
#include <map>
#include <vector>

#include "monitor/ingest/kafka/kafka_message.h"

namespace monitor {
namespace {

constexpr int kAskMs = 10'000;
constexpr int kWaitMs = 200;
constexpr std::size_t kBatch = 1000;

struct MetadataDeleter {
  void operator()(const struct rd_kafka_metadata* metadata) const { rd_kafka_metadata_destroy(metadata); }
};

void Check(rd_kafka_resp_err_t code, const std::string& what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw KafkaError(what + ": " + rd_kafka_err2str(code));
}

// What is left of a partition.
struct Rest {
  std::int64_t next = 0, end = 0;
};

// From the first to behind the last message that is wanted.
Rest RestOf(rd_kafka_t* client, const rd_kafka_topic_partition_t& partition, std::int64_t from_ms) {
  const std::string what = "the ends of topic " + std::string(partition.topic);
  std::int64_t low = 0, high = 0;
  Check(rd_kafka_query_watermark_offsets(client, partition.topic, partition.partition, &low, &high, kAskMs), what);
  if (from_ms <= 0) return {low, high};
  const KafkaPartitions one(rd_kafka_topic_partition_list_new(1));
  auto* const entry = rd_kafka_topic_partition_list_add(one.get(), partition.topic, partition.partition);
  entry->offset = from_ms;
  Check(rd_kafka_offsets_for_times(client, one.get(), kAskMs), what);
  return {entry->offset < 0 ? high : std::max(low, entry->offset), high};  // below zero: nothing is that young
}

}  // namespace

TopicReader::TopicReader(const Config& config) : brokers_(config.brokers), client_(MakeConsumer(config)) {
  rd_kafka_poll_set_consumer(client_.get());
}

TopicReader::~TopicReader() { rd_kafka_consumer_close(client_.get()); }

KafkaPartitions TopicReader::Partitions(const std::string& topic) {
  const KafkaTopic handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  const struct rd_kafka_metadata* raw = nullptr;
  Check(rd_kafka_metadata(client_.get(), 0, handle.get(), &raw, kAskMs), "the broker at " + brokers_);
  const std::unique_ptr<const struct rd_kafka_metadata, MetadataDeleter> metadata(raw);
  if (metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt == 0)
    throw KafkaError("there is no topic " + topic + " at " + brokers_ + "; correct `topic` in the configuration");
  KafkaPartitions partitions(rd_kafka_topic_partition_list_new(metadata->topics[0].partition_cnt));
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i)
    rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), metadata->topics[0].partitions[i].id);
  return partitions;
}

bool TopicReader::Read(const std::string& topic, std::int64_t from_ns, const std::function<void(const Message&)>& take,
                       const std::function<bool(double done)>& go_on) {
  const KafkaPartitions partitions = Partitions(topic);
  std::map<std::int32_t, Rest> rests;
  std::int64_t all = 0, read = 0;
  for (int i = 0; i < partitions->cnt; ++i) {
    rd_kafka_topic_partition_t& partition = partitions->elems[i];
    Rest rest = RestOf(client_.get(), partition, from_ns / 1'000'000);
    if (const auto before = next_.find({topic, partition.partition}); before != next_.end())
      rest.next = std::max(rest.next, before->second);
    partition.offset = rest.next;
    if (rest.next >= rest.end) continue;
    rests[partition.partition] = rest;
    all += rest.end - rest.next;
  }
  Check(rd_kafka_assign(client_.get(), partitions.get()), "topic " + topic);
  const KafkaQueue queue(rd_kafka_queue_get_consumer(client_.get()));
  std::vector<rd_kafka_message_t*> batch(kBatch);
  std::vector<Header> headers;
  auto last = std::chrono::steady_clock::now();
  bool wanted = true;
  while (!rests.empty() && (wanted = go_on(static_cast<double>(read) / static_cast<double>(all)))) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue.get(), kWaitMs, batch.data(), batch.size());
    std::string fault;
    for (ssize_t i = 0; i < got; ++i) {
      const rd_kafka_message_t& message = *batch[static_cast<std::size_t>(i)];
      // What librdkafka still held of the topic before.
      if (message.rkt != nullptr && topic != rd_kafka_topic_name(message.rkt)) continue;
      const auto rest = rests.find(message.partition);
      const bool eof = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
      if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) fault = rd_kafka_message_errstr(&message);
      if (rest == rests.end() || (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && !eof)) continue;
      last = std::chrono::steady_clock::now();
      if (!eof && message.offset < rest->second.end) take(MessageOf(message, true, headers));
      const std::int64_t next = eof ? message.offset : message.offset + 1;
      read += std::min(next, rest->second.end) - rest->second.next;
      rest->second.next = next_[{topic, message.partition}] = next;
      if (next >= rest->second.end) rests.erase(rest);
    }
    for (ssize_t i = 0; i < got; ++i) rd_kafka_message_destroy(batch[static_cast<std::size_t>(i)]);
    if (!fault.empty()) throw KafkaError("topic " + topic + " was cut off while it was read: " + fault);
    if (std::chrono::steady_clock::now() - last > kPatience)
      throw KafkaError("the broker at " + brokers_ + " sent nothing of topic " + topic + " for 30 s");
  }
  Check(rd_kafka_assign(client_.get(), nullptr), "topic " + topic);
  return wanted;
}

}  // namespace monitor
