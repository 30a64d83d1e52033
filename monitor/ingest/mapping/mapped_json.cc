#include "monitor/ingest/mapping/mapped_json.h"

#include <algorithm>

#include "monitor/ingest/envelope.h"
#include "monitor/ingest/json/layout_sink.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;
using UseKind = LearnedLayout::ScalarUse::Kind;

// What stands around the message has no fixed place in it.
bool HasPlaces(const Mapping& mapping) {
  const auto around = [](const auto& pick) { return pick.second.kind != FieldSource::Kind::kPath; };
  return std::ranges::none_of(mapping.features,
                              [&](const FeatureSource& source) { return std::ranges::any_of(source.pick, around); });
}

// Adds what a document within the message has to what the message itself gave.
template <class Sink>
struct InnerSink {
  Sink& whole;
  bool same_columns = true;

  void Begin(const LearnedLayout& layout) { same_columns = layout.frame()->SameColumns(whole.filler.frame()); }
  void Number(std::size_t column, double number) {
    if (same_columns) whole.Number(column, number);
  }
  void Feature(std::size_t column, const JsonReader::Value& value) {
    if (same_columns) whole.Feature(column, value);
  }
  void Field(std::size_t field, const JsonReader::Value& value) { whole.Field(field, value); }
  void FieldNumber(std::size_t field, const JsonReader::Value& value, double number) {
    whole.FieldNumber(field, value, number);
  }
  void Container(std::size_t field, JsonReader::Type type, std::string_view rest) {
    whole.Container(field, type, rest);
  }
  void End(const LearnedLayout& layout) {
    whole.filler.row().extra += layout.extra();
    whole.filler.ForgetTexts();  // both documents may have one column
  }
};

}  // namespace

MappedJsonDecoder::MappedJsonDecoder(std::shared_ptr<const TopicPlan> plan, Layouts layouts)
    : plan_(plan),
      mapping_(*plan->mapping),
      use_layouts_(layouts == Layouts::kLearned && HasPlaces(mapping_)),
      mapped_(mapping_, plan_->topic),
      filler_(std::move(plan)) {
  if (plan_->format == Format::kAvro) avro_.emplace(plan_);
  inner_.resize(mapping_.decode.size());
  fields_.found.resize(InnerField(inner_.size()));
  room_.texts.resize(fields_.found.size());
  room_.digits.resize(fields_.found.size());
  documents_.resize(inner_.size() + 1);
}

void MappedJsonDecoder::Start(const Message& message) {
  message_ = message;
  json_ = message.value;
  schema_ = nullptr;
  matched_ = false;
  row_ = rows_ = 0;
  stage_ = Stage::kWhole;
  fields_.Clear(false);
  mapped_.Begin(message);
  auto reject = Open();
  if (!reject && ByLayout()) return;
  fields_.Clear(false);
  if (!reject && schema_ != nullptr) {
    reject = Reject::kAvro;
    if (avro_text_.Write(*schema_, avro_->body())) {
      json_ = avro_text_.text();
      reject = JsonFields::CheckText(json_);
    }
  }
  if (reject) {
    filler_.Disown(fields_.found, false, *reject);
  } else {
    ByTree();
  }
}

std::optional<Reject> MappedJsonDecoder::Open() {
  if (avro_) {
    if (!avro_->Open(json_) || !avro_->schema().readable()) return Reject::kSchema;
    schema_ = avro_->schema().avro.get();
    if (schema_ != nullptr) return std::nullopt;
    json_ = avro_->body();
  }
  return JsonFields::CheckText(json_);
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

bool MappedJsonDecoder::MatchDocuments() {
  LayoutSink<FieldList> sink{fields_, filler_};
  unmatched_ = 0;
  if (schema_ != nullptr ? !avro_->layouts().Match(*schema_, avro_->body(), room_, sink) : !layouts_.Match(json_, sink))
    return false;
  for (std::size_t i = 0; i < inner_.size(); ++i) {
    unmatched_ = i + 1;
    const JsonReader::Value& text = fields_.found[InnerField(i)].value;
    if (text.type != Type::kText) return false;
    InnerSink<LayoutSink<FieldList>> inner{sink};
    if (!inner_[i].layouts.Match(JsonReader::Text(text, inner_[i].text), inner)) return false;
    // The message has a layout of other columns: everything is learned again.
    if (!inner.same_columns) return unmatched_ = 0, false;
  }
  return true;
}

bool MappedJsonDecoder::ByLayout() {
  if (!use_layouts_ || !MatchDocuments()) return false;
  FillAround();
  for (std::size_t i = 0; i < mapping_.where.size(); ++i) {
    if (mapped_.Holds(mapping_.where[i], fields_.found[kRecordFieldNames.size() + i].value)) continue;
    filler_.Skip(fields_.found);
    return matched_ = true;
  }
  Translate(0);
  const auto reject = filler_.Envelope(fields_.found, message_.timestamp_ns);
  // Another frame than the layout's, with other columns: the features have to be looked up again.
  if (!reject && !filler_.RowFits() && !filler_.Refit()) return unmatched_ = 0, false;
  if (!reject) filler_.Complete(fields_.found);
  filler_.record().reject = reject;
  return matched_ = true;
}

void MappedJsonDecoder::ByTree() {
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
  BeginLearning();
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
  const auto reject = filler_.Envelope(fields_.found, message_.timestamp_ns);
  if (!reject) {
    if (!filler_.RowFits()) {
      for (Document& document : documents_) {
        std::erase_if(document.uses, [](const auto& use) { return use.kind != UseKind::kField; });
        document.extra = 0;
      }
      filled_.clear();
      filler_.BeginRow();
      ReadFeatures(row);
    }
    filler_.Complete(fields_.found);
    if (learnable_) Learn();
  }
  filler_.record().reject = reject;
  return &filler_.record();
}

// Finds the documents of the message, and the places of its fields in them. Learnable are messages of one row.
void MappedJsonDecoder::BeginLearning() {
  learnable_ = use_layouts_ && rows_ == 1;
  if (!learnable_) return;
  filled_.clear();
  documents_[0] = {json_, {}, 0};
  for (std::size_t i = 0; i < inner_.size(); ++i) documents_[i + 1] = {mapped_.inner()[i].document, {}, 0};
  const std::size_t bytes = documents_[unmatched_].text.size();
  learnable_ = unmatched_ > 0       ? inner_[unmatched_ - 1].layouts.Wants(bytes)
               : schema_ != nullptr ? avro_->layouts().Wants()
                                    : layouts_.Wants(bytes);
  for (std::size_t i = 0; i < InnerField(0); ++i) {
    const char* const at = fields_.found[i].at();
    if (learnable_ && at != nullptr) NoteUse({at, UseKind::kField, i});
  }
  for (std::size_t i = 0; i < inner_.size(); ++i)
    learnable_ = learnable_ && NoteUse({mapped_.inner()[i].at, UseKind::kField, InnerField(i)});
}

// False: it stands in none of the documents. A text without escapes stands in the message itself as well, so the
// documents in texts are looked at first.
bool MappedJsonDecoder::NoteUse(const LearnedLayout::ScalarUse& use) {
  for (std::size_t i = documents_.size(); i-- > 0;) {
    // The text of a document is no part of the document itself.
    const bool itself = i > 0 && use.kind == UseKind::kField && use.index == InnerField(i - 1);
    if (itself || !documents_[i].Holds(use.at)) continue;
    documents_[i].uses.push_back(use);
    return true;
  }
  return false;
}

// Of a feature with several values the mapping's last one counts, by layouts the last one in the message.
bool MappedJsonDecoder::InMappingsOrder() {
  std::ranges::stable_sort(filled_, {}, &std::pair<int, const char*>::first);
  return std::ranges::adjacent_find(filled_, [this](const auto& before, const auto& after) {
           const auto holds_both = [&](const Document& document) {
             return document.Holds(before.second) && document.Holds(after.second);
           };
           return before.first == after.first &&
                  (after.second < before.second || std::ranges::none_of(documents_, holds_both));
         }) == filled_.end();
}

// The documents before the one that did not match have their layouts already.
void MappedJsonDecoder::Learn() {
  if (!InMappingsOrder()) return;
  if (inner_.empty()) documents_[0].extra = filler_.row().extra;
  const auto learn = [this](LearnedLayouts& layouts, const Document& document) {
    layouts.Learn(document.text, document.uses, document.extra, filler_.guess());
  };
  if (unmatched_ == 0 && schema_ == nullptr) learn(layouts_, documents_[0]);
  if (unmatched_ == 0 && schema_ != nullptr)
    avro_->layouts().Learn(
        AvroLayout::Learn(avro_text_, avro_->body(), documents_[0].uses, documents_[0].extra, filler_.guess()));
  for (std::size_t i = unmatched_ == 0 ? 1 : unmatched_; i < documents_.size(); ++i)
    learn(inner_[i - 1].layouts, documents_[i]);
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
    if (learnable_ && name.at() != nullptr) NoteUse({name.at(), UseKind::kLiteral, 0});
  };
  return mapped_.Features(row, emit, emit_at, literal);
}

void MappedJsonDecoder::Emit(int column, const JsonFields::Found& value) {
  const char* const at = value.at();
  if (column < 0) {
    ++filler_.row().extra;
    if (!learnable_ || inner_.empty()) return;
    const auto holds = [at](const Document& document) { return document.Holds(at); };
    const auto document = std::find_if(documents_.rbegin(), documents_.rend(), holds);
    learnable_ = document != documents_.rend();
    if (learnable_) ++document->extra;
    return;
  }
  const auto index = static_cast<std::size_t>(column);
  filler_.FillFeature(index, value.value);
  if (!learnable_) return;
  filled_.emplace_back(column, at);
  if (at == nullptr) return;
  const Frame& frame = filler_.frame();
  const bool number = frame.column(index).kind() == detectors::FeatureKind::kNumeric && !filler_.HasRules(frame, index);
  NoteUse({at, number ? UseKind::kNumber : UseKind::kFeature, index});
}

}  // namespace monitor
