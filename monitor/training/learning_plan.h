// LearningPlan: what the daemon's own decoders need to read a model's traffic before there is a baseline.
//
// They read records over the frame of a baseline. This one's features are those that were found so far, all of them
// categories of which none is known, so every value comes out as its canonical text (RowText). Made anew when a feature
// joins.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/record_block.h"

namespace monitor {

struct LearningColumns {
  std::vector<std::string> features;
  bool score = true;  // a value alone in a response is the score; else the prediction
};

// Of all models that share a topic with `model`, as they are configured. Throws ConfigError.
std::shared_ptr<const CountingPlan> LearningPlan(const Config& config, const std::string& model,
                                                 const LearningColumns& columns);

// The canonical text of a cell over such a frame; empty: no value, or one that is no scalar.
std::string_view RowText(const Row& row, std::size_t column);

}  // namespace monitor
