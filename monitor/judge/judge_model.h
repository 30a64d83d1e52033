// Judge::Model: one configured model inside the judge. Private to judge*.cc.
#pragma once

#include "monitor/judge/judge.h"
#include "monitor/judge/quality_watch.h"
#include "monitor/labels/label_join.h"

namespace monitor {

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
    return state.config().labels && state.config().labels->topic == topic ? &label_watermark : nullptr;
  }
};

}  // namespace monitor
