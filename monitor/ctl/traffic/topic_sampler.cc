#include "monitor/ctl/traffic/topic_sampler.h"

#include <algorithm>
#include <memory>

#include "alerts/messages/time_text.h"
#include "monitor/daemon/config/nearest.h"
#include "monitor/ingest/kafka/kafka_message.h"
#include "monitor/ingest/kafka/topic_offsets.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAskMs = 1000;
constexpr std::size_t kNamesShown = 12;

std::string Seconds(std::chrono::milliseconds time) { return Number(static_cast<double>(time.count()) / 1000) + " s"; }

// The newest `records` over all partitions: each gives an equal share, and those that have less leave theirs to others.
std::map<ShardId, std::int64_t> Newest(const std::map<ShardId, std::int64_t>& lows,
                                       const std::map<ShardId, std::int64_t>& ends, std::uint64_t records) {
  std::vector<std::pair<std::int64_t, ShardId>> sizes;
  for (const auto& [shard, low] : lows) sizes.emplace_back(std::max<std::int64_t>(0, ends.at(shard) - low), shard);
  std::ranges::sort(sizes);
  std::map<ShardId, std::int64_t> starts;
  auto left = static_cast<std::int64_t>(std::min<std::uint64_t>(records, INT64_MAX));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto others = static_cast<std::int64_t>(sizes.size() - i);
    const std::int64_t taken = std::min(sizes[i].first, (left + others - 1) / others);
    starts[sizes[i].second] = ends.at(sizes[i].second) - taken;
    left -= taken;
  }
  return starts;
}

}  // namespace

TopicSampler::TopicSampler(const Config& config, Patience patience)
    : brokers_(config.brokers), patience_(patience), client_(MakeConsumer(config, &fault_)) {
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
}

void TopicSampler::FailUnreachable() {
  throw SampleError("no answer from " + brokers_ + " within " + Seconds(patience_.connect) +
                    (fault_.empty() ? "" : ": " + fault_) +
                    "; check the address, and TLS and SASL in the properties where the brokers want them");
}

void TopicSampler::FailMissing(const std::string& topic) {
  const std::vector<std::string> topics = Topics();
  const std::vector<std::string_view> names(topics.begin(), topics.end());
  std::vector<std::string_view> near;
  if (const auto nearest = Nearest(topic, names); !nearest.empty()) near.push_back(nearest);
  for (const std::string_view name : names) {
    const bool part = name.find(topic) != name.npos || topic.find(name) != topic.npos;
    if (part && std::ranges::find(near, name) == near.end() && near.size() < kNamesShown) near.push_back(name);
  }
  std::string hint = "the brokers show no topics at all to this user";
  if (!near.empty()) {
    hint = "near are: " + Join(near);
  } else if (!names.empty()) {
    hint = "there are: " + Join(std::span(names).first(std::min(names.size(), kNamesShown))) +
           (names.size() > kNamesShown ? " and " + Thousands(names.size() - kNamesShown) + " more" : "");
  }
  throw SampleError("there is no topic " + topic + " at " + brokers_ + "; " + hint);
}

const std::map<std::string, int>& TopicSampler::Partitions() {
  const auto end = Clock::now() + patience_.connect;
  while (!partitions_) {
    const struct rd_kafka_metadata* raw = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, kAskMs);
    rd_kafka_poll(client_.get(), 0);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const KafkaMetadata metadata(raw);
      partitions_.emplace();
      for (int i = 0; i < metadata->topic_cnt; ++i) {
        if (metadata->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR)
          partitions_->emplace(metadata->topics[i].topic, metadata->topics[i].partition_cnt);
      }
    } else if (Clock::now() >= end) {
      FailUnreachable();
    }
  }
  return *partitions_;
}

std::vector<std::string> TopicSampler::Topics() {
  std::vector<std::string> topics;
  for (const auto& [name, partitions] : Partitions()) {
    if (!name.starts_with("__")) topics.push_back(name);
  }
  return topics;
}

TopicSampler::Offsets TopicSampler::Ask(const std::vector<ShardId>& shards, std::int64_t wanted) {
  const auto patience = static_cast<int>(patience_.connect.count());
  const auto offsets = OffsetsAt(client_.get(), patience, shards, [wanted](const ShardId&) { return wanted; });
  rd_kafka_poll(client_.get(), 0);
  if (!offsets) FailUnreachable();
  return *offsets;
}

TopicSample TopicSampler::Read(const std::string& topic, const Range& range, const Progress& progress) {
  const auto found = Partitions().find(topic);
  if (found == Partitions().end()) FailMissing(topic);
  TopicSample sample;
  sample.topic = topic;
  std::vector<ShardId> shards;
  for (int i = 0; i < found->second; ++i) shards.push_back({topic, i});
  const Offsets ends = Ask(shards, RD_KAFKA_OFFSET_END), lows = Ask(shards, RD_KAFKA_OFFSET_BEGINNING);
  Offsets from = lows;
  std::uint64_t in_log = 0;
  for (const auto& [shard, low] : lows)
    in_log += static_cast<std::uint64_t>(std::max<std::int64_t>(0, ends.at(shard) - low));
  const std::string partitions = Thousands(shards.size()) + (shards.size() == 1 ? " partition" : " partitions");
  if (in_log == 0) {
    throw SampleError("topic " + topic + " is empty (" + partitions +
                      "); let the service write some records first, or name another topic");
  }
  if (range.since_ns) {
    for (const auto& [shard, offset] : Ask(shards, *range.since_ns / 1'000'000))
      from[shard] = offset < 0 ? ends.at(shard) : offset;
  }
  for (const auto& [shard, start] : from) sample.in_range += static_cast<std::uint64_t>(ends.at(shard) - start);
  if (sample.in_range == 0) {
    throw SampleError("topic " + topic + " has no record since " + alerts::FormatTimeForPeople(*range.since_ns) +
                      LastRecord(lows, ends) + "; look further back with --last, or at the newest ones with --records");
  }
  ReadTo(ends, Newest(from, ends, range.records), sample, progress);
  if (sample.messages.empty())
    throw SampleError("topic " + topic + ": " + (sample.cut.empty() ? "no record could be read" : sample.cut));
  return sample;
}

std::string TopicSampler::LastRecord(const Offsets& lows, const Offsets& ends) {
  TopicSample last;
  ReadTo(ends, Newest(lows, ends, lows.size()), last, {});
  std::int64_t newest = INT64_MIN;
  for (const SampledMessage& message : last.messages)
    newest = std::max(newest, message.timestamp_ns.value_or(INT64_MIN));
  return newest == INT64_MIN ? "" : "; its newest one is of " + alerts::FormatTimeForPeople(newest);
}

void TopicSampler::ReadTo(const Offsets& ends, Offsets starts, TopicSample& sample, const Progress& progress) {
  KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(starts.size())));
  std::int64_t wanted = 0, read = 0;
  std::erase_if(starts, [&](const auto& start) { return start.second >= ends.at(start.first); });
  for (const auto& [shard, start] : starts) {
    rd_kafka_topic_partition_list_add(list.get(), shard.topic.c_str(), shard.partition)->offset = start;
    wanted += ends.at(shard) - start;
  }
  if (const auto code = rd_kafka_assign(client_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw SampleError(std::string("cannot read ") + sample.topic + ": " + rd_kafka_err2str(code));
  std::vector<Header> headers;
  std::map<ShardId, std::int64_t> newest;  // by partition: clocks of producers may go back
  std::size_t bytes = 0;
  auto heard = Clock::now();
  while (!starts.empty() && sample.cut.empty()) {
    std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consume_queue(queue_.get(), 100), rd_kafka_message_destroy);
    rd_kafka_poll(client_.get(), 0);
    if (message == nullptr) {
      if (Clock::now() - heard > patience_.silence)
        sample.cut =
            "the brokers sent nothing for " + Seconds(patience_.silence) + (fault_.empty() ? "" : ": " + fault_);
      continue;
    }
    if (message->rkt == nullptr) continue;  // an event that is of no partition
    const ShardId shard{rd_kafka_topic_name(message->rkt), message->partition};
    const auto start = starts.find(shard);
    if (start == starts.end()) continue;
    heard = Clock::now();
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      sample.cut = rd_kafka_message_errstr(message.get());
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset < ends.at(shard)) {
      const Message view = MessageOf(*message, true, headers);
      std::int64_t& time = newest.try_emplace(shard, INT64_MIN).first->second;
      time = std::max(time, view.timestamp_ns.value_or(INT64_MIN));
      sample.messages.emplace_back(shard, view).order_ns = time;
      bytes += message->len + message->key_len;
      if (bytes > kMostBytes) sample.cut = "512 MiB are read; look at fewer with --records";
    }
    if (message->offset + 1 >= ends.at(shard)) starts.erase(start);
    if (progress && ++read % 64 == 0) progress(static_cast<double>(read) / static_cast<double>(wanted));
  }
  rd_kafka_assign(client_.get(), nullptr);
  std::ranges::stable_sort(sample.messages, {}, &SampledMessage::order_ns);
}

}  // namespace monitor
