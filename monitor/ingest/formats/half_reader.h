// HalfReader: one message of a format that logs request and response apart → the half of a call that it is, or a label.
//
// kserve: CloudEvents in binary mode (headers ce_…) or structured mode (the event as JSON, `data` or `data_base64`);
// only events of the predictor; `endpoint: canary` is the variant. seldon-v1: told by the header `type`, joined by
// `requestid`; feedback is a label. seldon-v2: told by the body, joined by the key. The body is checked to be JSON
// here, so that a broken one is rejected where it stands. Several models may share a topic: the inference service
// (kserve, seldon-v1) names theirs then. One per thread and topic; what it returns lives until the next Read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/formats/call_decoder.h"
#include "monitor/ingest/message.h"
#include "monitor/ingest/shard_delta.h"

namespace monitor {

class HalfReader {
 public:
  explicit HalfReader(std::shared_ptr<const TopicPlan> plan) : plan_(plan), calls_(std::move(plan)) {}

  struct Feedback {
    std::string id;
    std::int64_t time_ns = 0;
    std::string label;  // as it is written
  };
  struct Result {
    const ModelPlan* model = nullptr;
    std::optional<Reject> reject;
    bool skipped = false;  // neither a half nor a label
    std::optional<CallHalf> half;
    std::vector<Feedback> feedback;
  };
  const Result& Read(const Message& message);
  // Decodes what the judge has paired.
  CallDecoder& calls() { return calls_; }
  const TopicPlan& plan() const { return *plan_; }

 private:
  std::optional<Reject> ReadKServe(const Message& message);
  std::optional<Reject> ReadEvent(JsonTree::Index event);
  std::optional<Reject> ReadSeldon1(const Message& message);
  std::optional<Reject> ReadSeldon2(const Message& message);
  std::optional<Reject> ReadBody(std::string_view text, JsonTree::Index& root);
  std::optional<Reject> Name(std::string_view service);
  void TakeType(std::string_view type, std::string_view prefix);
  std::optional<Reject> TakeTime(std::string_view text, const Message& message);
  void ReadFeedback(JsonTree::Index root, std::string_view id);

  std::shared_ptr<const TopicPlan> plan_;
  CallDecoder calls_;
  JsonTree tree_;
  Result result_;
  std::int64_t time_ns_ = 0;
};

}  // namespace monitor
