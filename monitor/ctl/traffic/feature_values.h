// The features that a message names, with their values as they are written: what decoding over a baseline leaves out.
//
// For people who look at traffic, not for counting: builds trees and texts. Pure.
#pragma once

#include <string>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/message.h"

namespace monitor {

struct FeatureValue {
  std::string name;  // after `rename`
  std::string text;  // as it is written; of objects and lists their beginning
};

// Of all rows of the message. Values that have a place and no name are not among them. Of a format by name `message` is
// the request's body (RequestBody); else the message itself.
std::vector<FeatureValue> FeatureValues(const TopicPlan& plan, const Message& message);

// What a SageMaker capture has as its request, without base64; any other text as it is.
std::string RequestBody(std::string_view message);

}  // namespace monitor
