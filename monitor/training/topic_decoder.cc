#include "monitor/training/topic_decoder.h"

namespace monitor {

TopicDecoder::TopicDecoder(std::shared_ptr<const TopicPlan> plan) {
  if (plan->format == Format::kSageMaker) {
    capture_ = std::make_unique<CaptureDecoder>(std::move(plan));
  } else if (ComesInHalves(plan->format)) {
    halves_ = std::make_unique<HalfReader>(std::move(plan));
  } else if (plan->mapping != nullptr) {
    mapped_ = std::make_unique<MappedJsonDecoder>(std::move(plan));
  } else {
    flat_ = std::make_unique<FlatJsonDecoder>(std::move(plan));
  }
}

void TopicDecoder::Decode(const Message& message, const std::function<void(const DecodedRecord&)>& take) {
  const auto each = [&](auto& decoder) {
    decoder.Start(message);
    while (const DecodedRecord* const record = decoder.Next()) take(*record);
  };
  if (flat_ != nullptr) return take(flat_->Decode(message.value, message.timestamp_ns));
  if (mapped_ != nullptr) return each(*mapped_);
  each(*capture_);
}

}  // namespace monitor
