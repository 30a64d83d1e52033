#include "monitor/ingest/label_decoder.h"

#include <algorithm>

#include "monitor/ingest/envelope.h"
#include "monitor/ingest/formats/capture_decoder.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {

using Type = JsonReader::Type;

LabelDecoder::LabelDecoder(std::shared_ptr<const TopicPlan> plan)
    : plan_(std::move(plan)), fields_(kLabelFieldNames, plan_->fields) {
  if (plan_->mapping != nullptr && IsMapped(plan_->format)) mapped_.emplace(*plan_->mapping, plan_->topic);
  if (plan_->format == Format::kAvro) avro_.emplace(plan_);
}

// Counts for each model that a label of it could belong to.
void LabelDecoder::Skip(const JsonReader::Value& model) {
  const auto skip = [this](const ModelPlan* of) {
    labels_.emplace_back();
    labels_.back().model = of;
    labels_.back().skipped = true;
  };
  if (model.type != Type::kNull) return skip(ModelNamed(*plan_, model, text_scratch_));
  for (const auto& each : plan_->models) skip(each.get());
}

void LabelDecoder::Fail(const ModelPlan* model, Reject reject) {
  labels_.emplace_back();
  labels_.back().model = model;
  labels_.back().reject = reject;
}

void LabelDecoder::FailAll(Reject reject) {
  Fail(plan_->models.size() == 1 ? plan_->models.front().get() : nullptr, reject);
}

const std::vector<DecodedLabel>& LabelDecoder::Decode(const Message& message) {
  labels_.clear();
  if (plan_->format == Format::kSageMakerGroundTruth) {
    DecodeGroundTruth(message);
    return labels_;
  }
  std::string_view text = message.value;
  if (const auto reject = ReadText(text)) {
    FailAll(*reject);
  } else if (mapped_) {
    DecodeMapped(message, text);
  } else {
    DecodeFlat(text, message.timestamp_ns);
  }
  return labels_;
}

std::optional<Reject> LabelDecoder::ReadText(std::string_view& text) {
  if (!avro_) return std::nullopt;
  if (!avro_->Open(text) || !avro_->schema().readable()) return Reject::kSchema;
  text = avro_->body();
  if (avro_->schema().avro == nullptr) return std::nullopt;
  if (!avro_text_.Write(*avro_->schema().avro, text)) return Reject::kAvro;
  text = avro_text_.text();
  return std::nullopt;
}

void LabelDecoder::DecodeFlat(std::string_view text, std::optional<std::int64_t> message_ns) {
  auto reject = fields_.Read(text, [](std::size_t, JsonReader&) { return false; });
  if (!reject && !fields_.object()) reject = Reject::kShape;
  if (reject) return FailAll(*reject);
  Fields fields;
  for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = fields_[i].value;
  ReadForAll(fields, "", message_ns);
}

const std::vector<DecodedLabel>& LabelDecoder::DecodeOne(const ModelPlan& model, std::string_view id,
                                                         std::int64_t time_ns, std::string_view label) {
  labels_.clear();
  ReadTimed(model, std::string(id), time_ns, {Type::kText, label, false});
  return labels_;
}

// It has no time of its own but where somebody has written `inferenceTime`; that of the Kafka message is the label's.
void LabelDecoder::DecodeGroundTruth(const Message& message) {
  std::string_view text = message.value;
  auto reject = JsonFields::CheckText(text);
  tree_.Clear();
  const JsonTree::Index root = reject ? JsonTree::kNone : tree_.Add(text, reject);
  if (reject) return FailAll(*reject);
  const auto truth = ReadGroundTruth(tree_, root);
  if (!truth) return FailAll(Reject::kShape);
  Fields fields{truth->id, {Type::kNull, {}, false}, truth->time, truth->label};
  std::string time;
  if (message.timestamp_ns) {
    time = std::to_string(*message.timestamp_ns / 1'000'000);
    fields[kLabelTimestamp] = {Type::kNumber, time, false};
  }
  ReadForAll(fields, "", message.timestamp_ns);
}

void LabelDecoder::DecodeMapped(const Message& message, std::string_view text) {
  mapped_->Begin(message);
  auto reject = JsonFields::CheckText(text);
  if (!reject) reject = mapped_->Read(text);
  if (reject) return FailAll(*reject);
  const auto model_of = [this](std::size_t row) {
    const auto& model = plan_->mapping->fields[kLabelModel];
    return model ? mapped_->Value(*model, row).value : JsonReader::Value{};
  };
  if (!mapped_->Wanted()) return Skip(model_of(0));
  const auto rows = mapped_->Rows();
  if (!rows) return FailAll(Reject::kShape);
  for (std::size_t row = 0; row < *rows; ++row) {
    if (mapped_->WantsRow(row)) {
      DecodeRow(row, message.timestamp_ns);
    } else {
      Skip(model_of(row));
    }
  }
}

void LabelDecoder::DecodeRow(std::size_t row, std::optional<std::int64_t> message_ns) {
  const Mapping& mapping = *plan_->mapping;
  Fields fields;
  JsonFields::Found label;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const JsonFields::Found found = mapping.fields[i] ? mapped_->Value(*mapping.fields[i], row) : JsonFields::Found{};
    fields[i] = found.value;
    if (i == kLabelLabel) label = found;
  }
  std::string suffix;
  if (mapping.row_id) {
    const std::string_view number = IdText(mapped_->Value(*mapping.row_id, row).value, id_scratch_);
    if (!number.empty()) suffix.append("#").append(number);
  }
  if (label.value.type != Type::kArray) return ReadForAll(fields, suffix, message_ns);
  JsonReader items(label.rest);
  bool first = true;
  for (std::size_t i = 0; items.NextElement(first); ++i) {
    fields[kLabelLabel] = items.Read();
    if (!fields[kLabelLabel].scalar()) items.SkipRest(fields[kLabelLabel].type);
    ReadForAll(fields, suffix + "#" + std::to_string(i), message_ns);
  }
}

void LabelDecoder::ReadForAll(const Fields& fields, const std::string& suffix, std::optional<std::int64_t> message_ns) {
  const JsonReader::Value& named = fields[kLabelModel];
  if (named.type == Type::kNull) {
    for (const auto& model : plan_->models) Read(*model, fields, suffix, message_ns);
  } else if (const ModelPlan* model = ModelNamed(*plan_, named, text_scratch_); model != nullptr) {
    Read(*model, fields, suffix, message_ns);
  } else {
    Fail(nullptr, Reject::kModel);
  }
}

std::optional<std::int64_t> LabelDecoder::TimeOf(const JsonReader::Value& value) {
  if (plan_->mapping == nullptr || !plan_->mapping->time_format) return EventTime(value, text_scratch_);
  return EventTimeIn(*plan_->mapping->time_format, value, text_scratch_);
}

void LabelDecoder::Read(const ModelPlan& model, const Fields& fields, const std::string& suffix,
                        std::optional<std::int64_t> message_ns) {
  const std::string_view id = IdText(fields[kLabelId], id_scratch_);
  if (id.empty()) return Fail(&model, Reject::kId);
  const auto time = model.label_time == TimeSource::kArrival ? message_ns : TimeOf(fields[kLabelTimestamp]);
  if (!time || *time < kYear2000Ns) return Fail(&model, Reject::kTime);
  if (message_ns && *time > SaturatingAdd(*message_ns, model.skew_ns)) return Fail(&model, Reject::kFuture);
  ReadTimed(model, std::string(id) + suffix, *time, fields[kLabelLabel]);
}

void LabelDecoder::ReadTimed(const ModelPlan& model, std::string id, std::int64_t time_ns,
                             const JsonReader::Value& value) {
  std::string_view text;
  if (ValueText(value, model.missing, text_scratch_, canonical_scratch_, text) != TextState::kValue)
    return Fail(&model, Reject::kLabel);
  DecodedLabel label;
  label.model = &model;
  label.id = std::move(id);
  label.time_ns = time_ns;
  if (plan_->mapping != nullptr) {
    const ValueRules* const rules = plan_->mapping->RulesOf(kLabelFieldNames[kLabelLabel]);
    if (rules != nullptr && std::ranges::find(rules->missing, text) != rules->missing.end())
      return Fail(&model, Reject::kLabel);
    if (rules != nullptr) {
      if (const auto meant = rules->values.find(text); meant != rules->values.end()) text = meant->second;
    }
  }
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
