// TopicDecoder: the daemon's decoder for a request topic, whichever its format asks for.
//
// Not thread-safe; one per plan.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "monitor/ingest/formats/capture_decoder.h"
#include "monitor/ingest/formats/half_reader.h"
#include "monitor/ingest/json/flat_json.h"
#include "monitor/ingest/mapping/mapped_json.h"

namespace monitor {

class TopicDecoder {
 public:
  explicit TopicDecoder(std::shared_ptr<const TopicPlan> plan);

  // Of formats without halves. Each record lives until `take` returns.
  void Decode(const Message& message, const std::function<void(const DecodedRecord&)>& take);
  HalfReader* halves() { return halves_.get(); }  // nullptr: the format has none
  // Whether a response may be one value without a name.
  bool unnamed_outputs() const { return halves_ != nullptr || capture_ != nullptr; }

 private:
  std::unique_ptr<FlatJsonDecoder> flat_;  // one of these, as the topic is
  std::unique_ptr<MappedJsonDecoder> mapped_;
  std::unique_ptr<CaptureDecoder> capture_;
  std::unique_ptr<HalfReader> halves_;
};

}  // namespace monitor
