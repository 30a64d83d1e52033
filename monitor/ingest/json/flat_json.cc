#include "monitor/ingest/json/flat_json.h"

#include "monitor/ingest/json/layout_sink.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;

}  // namespace

FlatJsonDecoder::FlatJsonDecoder(std::shared_ptr<const TopicPlan> plan, Layouts layouts)
    : use_layouts_(layouts), fields_(kRecordFieldNames, plan->fields), filler_(plan) {}

const DecodedRecord& FlatJsonDecoder::Decode(std::string_view message, std::optional<std::int64_t> message_ns) {
  LayoutSink<JsonFields> sink{fields_, filler_};
  matched_ = layouts_.Match(message, sink);
  std::optional<Reject> reject;
  // A layout proves the encoding of all but texts beyond ASCII; a prefix or a mark hides it.
  if (!matched_ || !layouts_.ascii()) {
    if (!matched_) fields_.Clear(false);
    const std::size_t size = message.size();
    reject = JsonFields::CheckText(message);
    matched_ = !reject && (matched_ || (message.size() != size && layouts_.Match(message, sink)));
  }
  if (!matched_ && !reject) {
    filler_.ForgetRow();
    reject = fields_.ReadChecked(message, [this](std::size_t field, JsonReader& reader) {
      if (field != kRecordFeatures) return false;
      filler_.BeginRow();
      ReadFeatures(reader);
      return true;
    });
  }
  if (!reject && (!fields_.object() || fields_[kRecordFeatures].value.type != Type::kObject)) reject = Reject::kShape;
  if (reject) {
    filler_.Disown(fields_.found(), fields_.object(), *reject);
    return filler_.record();
  }
  reject = Check(message_ns);
  if (!reject && !matched_ && use_layouts_ == Layouts::kLearned && layouts_.Wants(message.size())) Learn(message);
  filler_.record().reject = reject;
  return filler_.record();
}

void FlatJsonDecoder::ReadFeatures(JsonReader& reader) {
  const Frame& frame = filler_.frame();
  JsonReader::Value name;
  bool first = true;
  std::size_t expected = 0;
  while (reader.NextMember(name, first)) {
    const int column = frame.Find(reader.Text(name, name_scratch_), expected);
    const JsonReader::Value value = reader.Read();
    if (!value.scalar()) reader.SkipRest(value.type);
    if (column < 0) {
      ++filler_.row().extra;
      continue;
    }
    filler_.FillFeature(static_cast<std::size_t>(column), value);
    expected = static_cast<std::size_t>(column) + 1;
  }
}

std::optional<Reject> FlatJsonDecoder::Check(std::optional<std::int64_t> message_ns) {
  if (const auto reject = filler_.Envelope(fields_.found(), message_ns)) return reject;
  if (!filler_.RowFits() && !(matched_ && filler_.Refit())) {
    JsonReader again(fields_[kRecordFeatures].rest);
    filler_.BeginRow();
    ReadFeatures(again);
  }
  filler_.Complete(fields_.found());
  return std::nullopt;
}

void FlatJsonDecoder::Learn(std::string_view message) {
  using Kind = LearnedLayout::ScalarUse::Kind;
  uses_.clear();
  for (std::size_t field = 0; field < fields_.size(); ++field) {
    const JsonFields::Found& found = fields_[field];
    if (found.at() != nullptr) uses_.push_back({found.at(), Kind::kField, field});
  }
  JsonReader reader(fields_[kRecordFeatures].rest);
  const Frame& frame = filler_.frame();
  JsonReader::Value name;
  bool first = true;
  std::size_t expected = 0;
  while (reader.NextMember(name, first)) {
    const int column = frame.Find(reader.Text(name, name_scratch_), expected);
    const JsonReader::Value value = reader.Read();
    const char* const at = value.scalar() ? value.raw.data() : reader.position() - 1;
    if (!value.scalar()) reader.SkipRest(value.type);
    if (column < 0) {
      // An object that nobody wants ends the layout as one that is wanted does.
      if (!value.scalar()) uses_.push_back({at, Kind::kFeature, 0});
      continue;
    }
    expected = static_cast<std::size_t>(column) + 1;
    const bool number = frame.column(expected - 1).kind() == detectors::FeatureKind::kNumeric;
    uses_.push_back({at, number ? Kind::kNumber : Kind::kFeature, expected - 1});
  }
  layouts_.Learn(message, uses_, filler_.row().extra, filler_.guess());
}

}  // namespace monitor
