// FeatureNames: what the features in a message are called, as its topic is configured, where no baseline says it yet.
//
// Of a list without an `order`, by place: _c0, _c1 …, as Spark and SageMaker call columns without a header. Nothing for
// a message that cannot be read: the decoders say why. Cost: a few µs per message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/message.h"

namespace monitor {

std::vector<std::string> FeatureNames(const TopicPlan& plan, const Message& message);
// The same of the body of a request, as model servers write it (payload.h).
std::vector<std::string> FeatureNamesOfRequest(const TopicPlan& plan, std::string_view payload);

}  // namespace monitor
