#include "monitor/ctl/traffic/record_probe.h"

#include "monitor/ingest/avro/await_schema.h"
#include "monitor/ingest/shard_counter.h"

namespace monitor {

RecordProbe::RecordProbe(const CountingPlan& plan, Sink sink) : plan_(plan), sink_(std::move(sink)) {}

RecordProbe::~RecordProbe() = default;

void RecordProbe::Take(const SampledMessage& message) {
  const auto topic = plan_.topics.find(message.shard.topic);
  if (topic == plan_.topics.end() || topic->second->labels) return;
  message_ = &message;
  auto& counter = counters_[topic->first];
  if (counter == nullptr) {
    counter = std::make_unique<ShardCounter>(ShardId{topic->first, 0}, topic->second, ShardStart{});
    counter->SetObserver([this](const DecodedRecord& record, const Message& body) {
      sink_({record, *message_, body.value});
    });
  }
  const Message view = message.View(headers_);
  AwaitSchema(*counter, view);
  counter->Add(view);
  counter->EndBatch();
  Pair(*counter);
}

void RecordProbe::Pair(ShardCounter& counter) {
  for (auto& [model, halves] : counter.Take().halves) {
    for (CallHalf& half : halves) {
      const auto [other, first] = halves_.try_emplace(half.id, half);
      if (first || other->second.response == half.response) continue;
      const bool answers = half.response;
      counter.AddPair(answers ? other->second : half, answers ? half : other->second, half.time_ns);
      halves_.erase(other);
    }
  }
  counter.Take();
}

}  // namespace monitor
