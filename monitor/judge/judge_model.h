// Judge::Model: one configured model inside the judge. Private to judge*.cc.
#pragma once

#include <algorithm>
#include <memory>

#include "monitor/judge/judge.h"
#include "monitor/judge/pair_book.h"
#include "monitor/judge/quality/quality_watch.h"
#include "monitor/labels/label_join.h"

namespace monitor {

// The shard of labels that are pushed; no legal name of a topic, so none can be meant by it.
inline constexpr const char* kPushedTopic = "(pushed labels)";

struct Judge::Model {
  ModelState state;
  Watermark watermark;
  LabelJoin labels;
  Watermark label_watermark;  // stands while no labels come: silence does not make labels complete
  std::string saved_labels{}, saved_facts{};
  QualityWatch quality{};
  std::vector<Epoch> epochs;
  std::unique_ptr<PairBook> pairs{};  // where request and response are logged apart

  const std::string& name() const { return state.plan().name; }
  bool ReadsRequestsOf(const std::string& topic) const {
    const RequestsConfig& requests = state.config().requests;
    return requests.topic == topic || (!requests.responses.empty() && requests.responses == topic);
  }
  // Feedback among the requests brings labels too, so their shards move both watermarks.
  bool HasFeedback() const {
    return state.config().requests.format == "seldon-v1" && state.config().labels &&
           state.config().labels->topic.empty();
  }
  void AddShard(const ShardId& id, std::optional<std::int64_t> largest_event_ns, std::int64_t now) {
    Watermark* const mark = WatermarkOf(id.topic);
    if (mark == nullptr) return;
    mark->AddShard(id, largest_event_ns, now);
    if (mark == &watermark && HasFeedback()) label_watermark.AddShard(id, largest_event_ns, now);
  }
  // Counts the halves that have waited in vain; returns samples of them.
  std::vector<RejectSample> GiveUpHalves() {
    std::vector<RejectSample> samples;
    if (pairs == nullptr || watermark.value() == Watermark::kNone) return samples;
    ModelCounters counters;
    for (CallHalf& half : pairs->Expire(watermark.value())) {
      const Reject reason = half.response ? Reject::kOrphanResponse : Reject::kOrphanRequest;
      ++counters.rejects[static_cast<std::size_t>(reason)];
      if (samples.size() == ShardDelta::kSamplesPerReason) continue;
      half.payload.resize(std::min(half.payload.size(), ShardDelta::kSampleBytes));
      samples.push_back({name(), reason, half.time_ns, -1, std::move(half.payload), {}});
    }
    if (counters.rejected() > 0) state.AddCounters(counters);
    return samples;
  }
  // The watermark that a topic's shards move, nullptr where the model does not read the topic.
  Watermark* WatermarkOf(const std::string& topic) {
    if (ReadsRequestsOf(topic)) return &watermark;
    if (!state.config().labels) return nullptr;
    const std::string& own = state.config().labels->topic;
    return topic == (own.empty() ? kPushedTopic : own) ? &label_watermark : nullptr;
  }
};

}  // namespace monitor
