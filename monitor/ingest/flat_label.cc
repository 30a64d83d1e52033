#include "monitor/ingest/flat_label.h"

#include "monitor/ingest/envelope.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::string_view kNames[] = {"id", "model", "timestamp", "label"};

}  // namespace

FlatLabelDecoder::FlatLabelDecoder(std::shared_ptr<const TopicPlan> plan)
    : plan_(std::move(plan)), fields_(kNames, plan_->fields) {}

void FlatLabelDecoder::Fail(const ModelPlan* model, Reject reject) {
  labels_.emplace_back();
  labels_.back().model = model;
  labels_.back().reject = reject;
}

const std::vector<DecodedLabel>& FlatLabelDecoder::Decode(std::string_view message,
                                                          std::optional<std::int64_t> message_ns) {
  labels_.clear();
  auto reject = fields_.Read(message, [](std::size_t, JsonReader&) { return false; });
  if (!reject && !fields_.object()) reject = Reject::kShape;
  if (reject) {
    Fail(plan_->models.size() == 1 ? plan_->models.front().get() : nullptr, *reject);
    return labels_;
  }
  const JsonReader::Value& named = fields_[kModel].value;
  if (named.type == JsonReader::Type::kNull) {
    for (const auto& model : plan_->models) Read(*model, message_ns);
  } else if (const ModelPlan* model = ModelNamed(*plan_, named, text_scratch_); model != nullptr) {
    Read(*model, message_ns);
  } else {
    Fail(nullptr, Reject::kModel);
  }
  return labels_;
}

void FlatLabelDecoder::Read(const ModelPlan& model, std::optional<std::int64_t> message_ns) {
  const std::string_view id = IdText(fields_[kId].value, id_scratch_);
  if (id.empty()) return Fail(&model, Reject::kId);
  const auto time =
      model.label_time == TimeSource::kArrival ? message_ns : EventTime(fields_[kTimestamp].value, text_scratch_);
  if (!time || *time < kYear2000Ns) return Fail(&model, Reject::kTime);
  if (message_ns && *time > SaturatingAdd(*message_ns, model.skew_ns)) return Fail(&model, Reject::kFuture);
  std::string_view text;
  if (ValueText(fields_[kLabel].value, model.missing, text_scratch_, canonical_scratch_, text) != TextState::kValue)
    return Fail(&model, Reject::kLabel);
  DecodedLabel label;
  label.model = &model;
  label.id = id;
  label.time_ns = *time;
  if (model.task == baselines::Task::kRegression) {
    const auto number = baselines::ParseNumber(text);
    if (!number) return Fail(&model, Reject::kLabel);
    label.number = *number;
  } else {
    label.text = text;
  }
  labels_.push_back(std::move(label));
}

}  // namespace monitor
