// CaptureDecoder: one line of SageMaker data capture → its records.
//
// The id is `inferenceId`, else `eventId`; the time is `inferenceTime`. `data` is text, or base64 of it. A capture
// without endpointInput has no features, one without endpointOutput no score. Same use as MappedJsonDecoder.
#pragma once

#include <memory>
#include <string_view>

#include "monitor/ingest/formats/call_decoder.h"
#include "monitor/ingest/message.h"

namespace monitor {

class CaptureDecoder {
 public:
  explicit CaptureDecoder(std::shared_ptr<const TopicPlan> plan);

  void Start(const Message& message);
  const DecodedRecord* Next() { return calls_.Next(); }

 private:
  // The text of endpointInput or endpointOutput; nullopt: it was not captured. `fault`: it cannot be decoded.
  std::optional<std::string_view> Data(JsonTree::Index capture, std::string_view name, bool& fault);

  std::shared_ptr<const TopicPlan> plan_;
  CallDecoder calls_;
  JsonTree tree_;
};

// One line of SageMaker ground truth, as the fields of a label: id, model (null), timestamp (null where the line has no
// inferenceTime) and label. nullopt: it has another shape.
struct GroundTruth {
  JsonReader::Value id, time, label;
};
std::optional<GroundTruth> ReadGroundTruth(JsonTree& tree, JsonTree::Index root);

}  // namespace monitor
