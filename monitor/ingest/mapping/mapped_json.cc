#include "monitor/ingest/mapping/mapped_json.h"

#include <algorithm>

#include "monitor/ingest/envelope.h"
#include "monitor/ingest/layout_sink.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;
using UseKind = LearnedLayout::ScalarUse::Kind;

// What stands in a text within the message, or around it, has no fixed place in it.
bool HasPlaces(const Mapping& mapping) {
  const auto around = [](const auto& pick) { return pick.second.kind != FieldSource::Kind::kPath; };
  return mapping.decode.empty() && std::ranges::none_of(mapping.features, [&](const FeatureSource& source) {
           return std::ranges::any_of(source.pick, around);
         });
}

}  // namespace

MappedJsonDecoder::MappedJsonDecoder(std::shared_ptr<const TopicPlan> plan, Layouts layouts)
    : plan_(plan),
      mapping_(*plan->mapping),
      use_layouts_(layouts == Layouts::kLearned && HasPlaces(mapping_)),
      mapped_(mapping_, plan_->topic),
      filler_(std::move(plan)) {
  fields_.found.resize(kRecordFieldNames.size() + mapping_.where.size());
}

void MappedJsonDecoder::Start(const Message& message) {
  message_ = &message;
  json_ = message.value;
  matched_ = false;
  row_ = rows_ = 0;
  stage_ = Stage::kWhole;
  fields_.Clear(false);
  mapped_.Begin(message);
  if (const auto reject = JsonFields::CheckText(json_)) {
    filler_.Disown(fields_.found, false, *reject);
  } else if (!ByLayout()) {
    ByTree();
  }
}

// Fields that stand around the message, not in it.
void MappedJsonDecoder::FillAround() {
  for (std::size_t i = 0; i < mapping_.fields.size(); ++i) {
    JsonFields::Found found;
    if (mapping_.fields[i] && mapped_.Around(*mapping_.fields[i], found)) fields_.found[i] = found;
  }
  for (std::size_t i = 0; i < mapping_.where.size(); ++i) {
    JsonFields::Found found;
    if (mapped_.Around(mapping_.where[i].source, found)) fields_.found[kRecordFieldNames.size() + i] = found;
  }
}

bool MappedJsonDecoder::ByLayout() {
  LayoutSink<FieldList> sink{fields_, filler_};
  if (!use_layouts_ || !layouts_.Match(json_, sink)) return false;
  FillAround();
  for (std::size_t i = 0; i < mapping_.where.size(); ++i) {
    if (mapped_.Holds(mapping_.where[i], fields_.found[kRecordFieldNames.size() + i].value)) continue;
    filler_.Skip(fields_.found);
    return matched_ = true;
  }
  Translate(0);
  const auto reject = filler_.Envelope(fields_.found, message_->timestamp_ns);
  // Another frame than the layout's: the features have to be looked up again.
  if (!reject && !filler_.RowFits()) return false;
  if (!reject) filler_.Complete(fields_.found);
  filler_.record().reject = reject;
  return matched_ = true;
}

void MappedJsonDecoder::ByTree() {
  fields_.Clear(false);
  if (const auto reject = mapped_.Read(json_)) {
    filler_.Disown(fields_.found, false, *reject);
    return;
  }
  if (const auto& model = mapping_.fields[kRecordModel]) fields_.found[kRecordModel] = mapped_.Value(*model, 0);
  const auto rows = mapped_.Rows();
  if (!mapped_.Wanted() || rows == 0) {
    filler_.Skip(fields_.found);
  } else if (!rows) {
    filler_.Disown(fields_.found, mapped_.object(), Reject::kShape);
  } else {
    rows_ = *rows;
    stage_ = Stage::kRows;
  }
}

const DecodedRecord* MappedJsonDecoder::Next() {
  if (stage_ == Stage::kDone) return nullptr;
  if (stage_ == Stage::kWhole) {
    stage_ = Stage::kDone;
    return &filler_.record();
  }
  const std::size_t row = row_++;
  if (row_ == rows_) stage_ = Stage::kDone;
  for (std::size_t i = 0; i < mapping_.fields.size(); ++i) {
    if (mapping_.fields[i]) fields_.found[i] = mapped_.Value(*mapping_.fields[i], row);
  }
  for (std::size_t i = 0; i < mapping_.where.size(); ++i)
    fields_.found[kRecordFieldNames.size() + i] = mapped_.Value(mapping_.where[i].source, row);
  learnable_ = use_layouts_ && rows_ == 1 && layouts_.Wants(json_.size());
  uses_.clear();
  if (learnable_) {
    for (std::size_t i = 0; i < fields_.found.size(); ++i) {
      const char* const at = fields_.found[i].at();
      if (at != nullptr && InMessage(at)) uses_.push_back({at, UseKind::kField, i});
    }
  }
  if (!mapped_.WantsRow(row)) {
    filler_.Skip(fields_.found);
    return &filler_.record();
  }
  Translate(row);
  filler_.BeginRow();
  if (!ReadFeatures(row)) {
    filler_.Disown(fields_.found, mapped_.object(), Reject::kShape);
    return &filler_.record();
  }
  const auto reject = filler_.Envelope(fields_.found, message_->timestamp_ns);
  if (!reject) {
    if (!filler_.RowFits()) {
      if (learnable_) std::erase_if(uses_, [](const auto& use) { return use.kind != UseKind::kField; });
      filler_.BeginRow();
      ReadFeatures(row);
    }
    filler_.Complete(fields_.found);
    if (learnable_) layouts_.Learn(json_, uses_, filler_.row().extra, filler_.guess());
  }
  filler_.record().reject = reject;
  return &filler_.record();
}

// What the values of id and prediction are called in the record.
void MappedJsonDecoder::Translate(std::size_t row) {
  JsonFields::Found& id = fields_.found[kRecordId];
  if (mapping_.rows && !mapping_.fields[kRecordId]->LooksAtRow()) {
    if (const std::string_view text = IdText(id.value, scratch_); !text.empty()) {
      row_id_.assign(text).append("#").append(std::to_string(row));
      id = {{Type::kText, row_id_, false}, {}};
    }
  }
  const auto rules = mapping_.rules.find(kRecordFieldNames[kRecordPrediction]);
  JsonReader::Value& prediction = fields_.found[kRecordPrediction].value;
  if (rules == mapping_.rules.end() || !prediction.scalar()) return;
  const std::string_view text =
      prediction.type == Type::kText ? baselines::Trim(JsonReader::Text(prediction, scratch_)) : prediction.raw;
  const std::string_view canonical = baselines::CanonicalText(text, canonical_);
  if (std::ranges::find(rules->second.missing, canonical) != rules->second.missing.end()) {
    prediction = {Type::kNull, {}, false};
  } else if (const auto meant = rules->second.values.find(canonical); meant != rules->second.values.end()) {
    prediction = {Type::kText, meant->second, false};
  }
}

bool MappedJsonDecoder::ReadFeatures(std::size_t row) {
  const Frame& frame = filler_.frame();
  std::size_t expected = 0;
  const auto emit = [&](std::string_view name, const JsonFields::Found& value) {
    const std::string* const renamed = mapping_.Renamed(name);
    const int column = frame.Find(renamed == nullptr ? name : *renamed, expected);
    if (column >= 0) expected = static_cast<std::size_t>(column) + 1;
    Emit(column, value);
  };
  const auto emit_at = [&](std::size_t place, const JsonFields::Found& value) {
    Emit(place < frame.features() ? static_cast<int>(place) : -1, value);
  };
  const auto literal = [this](const JsonFields::Found& name) {
    if (learnable_ && name.at() != nullptr) uses_.push_back({name.at(), UseKind::kLiteral, 0});
  };
  return mapped_.Features(row, emit, emit_at, literal);
}

void MappedJsonDecoder::Emit(int column, const JsonFields::Found& value) {
  const char* const at = value.at();
  if (column < 0) {
    ++filler_.row().extra;
    return;
  }
  const auto index = static_cast<std::size_t>(column);
  filler_.FillFeature(index, value.value);
  if (!learnable_ || at == nullptr) return;
  const Frame& frame = filler_.frame();
  const bool number = frame.column(index).kind() == detectors::FeatureKind::kNumeric && !filler_.HasRules(frame, index);
  uses_.push_back({at, number ? UseKind::kNumber : UseKind::kFeature, index});
}

}  // namespace monitor
