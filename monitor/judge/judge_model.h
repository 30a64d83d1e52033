// Judge::Model: one configured model inside the judge. Private to judge*.cc.
#pragma once

#include "monitor/judge/judge.h"
#include "monitor/judge/quality_watch.h"
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

  const std::string& name() const { return state.plan().name; }
  // The watermark that a topic's shards move, nullptr where the model does not read the topic.
  Watermark* WatermarkOf(const std::string& topic) {
    if (state.config().requests.topic == topic) return &watermark;
    if (!state.config().labels) return nullptr;
    const std::string& own = state.config().labels->topic;
    return topic == (own.empty() ? kPushedTopic : own) ? &label_watermark : nullptr;
  }
};

}  // namespace monitor
