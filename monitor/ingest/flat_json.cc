#include "monitor/ingest/flat_json.h"

#include <limits>

#include "monitor/ingest/envelope.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;

constexpr std::string_view kNames[] = {"id",        "model",    "version",    "variant", "segment",
                                       "timestamp", "features", "prediction", "score",   "probabilities"};

}  // namespace

// What a match of a layout fills in.
struct FlatJsonDecoder::LayoutSink {
  FlatJsonDecoder& decoder;
  Cell* cells = nullptr;

  void Begin(const LearnedLayout& layout) {
    decoder.fields_.Clear(true);
    decoder.row_.Clear(layout.frame()->columns());
    decoder.row_frame_ = layout.frame().get();
    cells = decoder.row_.cells.data();
  }
  void Number(std::size_t column, double number) {
    cells[column] = {CellState::kValue, detectors::CategoryDictionary::kNoValue, number};
  }
  void Feature(std::size_t column, const JsonReader::Value& value) {
    decoder.FillCell(value, *decoder.row_frame_, column);
  }
  void Field(std::size_t field, const JsonReader::Value& value) { decoder.fields_.Set(field, {value, nullptr}); }
  void Container(std::size_t field, Type type, const char* rest) {
    decoder.fields_.Set(field, {{type, {}, false}, rest});
  }
  void End(const LearnedLayout& layout) { decoder.row_.extra = layout.extra(); }
};

FlatJsonDecoder::FlatJsonDecoder(std::shared_ptr<const TopicPlan> plan, Layouts layouts)
    : plan_(std::move(plan)), use_layouts_(layouts), fields_(kNames, plan_->fields) {
  const ModelPlan& first = *plan_->models.front();
  guess_ = first.epochs.back().FrameOf(first.default_version);
  missing_ = &first.missing;
}

const DecodedRecord& FlatJsonDecoder::Decode(std::string_view message, std::optional<std::int64_t> message_ns) {
  record_ = {};
  fields_.Clear(false);
  auto reject = JsonFields::CheckText(message);
  LayoutSink sink{*this};
  matched_ = !reject && layouts_.Match(message, sink);
  if (matched_) {
    message_ = layouts_.copy();
  } else if (!reject) {
    message_ = message;
    row_frame_ = nullptr;
    reject = fields_.ReadChecked(message, [this](std::size_t field, JsonReader& reader) {
      if (field != kFeatures) return false;
      ReadFeatures(reader, *guess_);
      return true;
    });
  }
  if (!reject && (!fields_.object() || fields_[kFeatures].value.type != Type::kObject)) reject = Reject::kShape;
  if (!reject) {
    reject = Check(message_ns);
    if (!reject && !matched_ && use_layouts_ == Layouts::kLearned) layouts_.Learn(message, fields_, kFeatures, guess_);
  } else {
    // A reject that names no model counts under the topic's model where only one reads the topic.
    if (plan_->models.size() == 1) record_.model = plan_->models.front().get();
    if (*reject == Reject::kShape && fields_.object() && NamesModel(fields_[kModel].value)) {
      record_.model = ModelNamed(*plan_, fields_[kModel].value, text_scratch_);
    }
  }
  record_.reject = reject;
  return record_;
}

void FlatJsonDecoder::ReadFeatures(JsonReader& reader, const Frame& frame) {
  row_.Clear(frame.columns());
  row_frame_ = &frame;
  JsonReader::Value name;
  bool first = true;
  std::size_t expected = 0;
  while (reader.NextMember(name, first)) {
    const int column = frame.Find(reader.Text(name, text_scratch_), expected);
    const JsonReader::Value value = reader.Read();
    if (!value.scalar()) reader.SkipRest(value.type);
    if (column < 0) {
      ++row_.extra;
      continue;
    }
    FillCell(value, frame, static_cast<std::size_t>(column));
    expected = static_cast<std::size_t>(column) + 1;
  }
}

void FlatJsonDecoder::FillCell(const JsonReader::Value& value, const Frame& frame, std::size_t column) {
  Cell& cell = row_.cells[column];
  cell = {};
  std::string_view text = value.raw;
  switch (value.type) {
    case Type::kNull:
    case Type::kNotFinite:
      return;
    case Type::kObject:
    case Type::kArray:
      cell.state = CellState::kTypeFault;
      return;
    case Type::kText:
      text = baselines::Trim(JsonReader::Text(value, text_scratch_));
      if (missing_->Contains(text)) return;
      break;
    default:
      break;
  }
  if (frame.column(column).kind() == detectors::FeatureKind::kNumeric) {
    const bool word = value.type == Type::kTrue || value.type == Type::kFalse;
    const auto number = word ? std::nullopt : baselines::ParseNumber(text);
    cell.state = number ? CellState::kValue : CellState::kTypeFault;
    if (number) cell.number = *number;
    return;
  }
  const std::string_view canonical = baselines::CanonicalText(text, canonical_scratch_);
  cell.state = CellState::kValue;
  cell.category = frame.column(column).summary.shape().dictionary.Find(canonical);
  if (cell.category == detectors::CategoryDictionary::kUnseen) {
    row_.unseen.push_back({static_cast<std::uint32_t>(column), std::string(canonical)});
  }
}

std::string_view FlatJsonDecoder::TextOf(Field field, std::string_view fallback, std::string& scratch) {
  const JsonReader::Value& value = fields_[field].value;
  if (value.type == Type::kNumber) return baselines::CanonicalText(value.raw, scratch);
  if (value.type != Type::kText || value.raw.empty()) return fallback;
  return JsonReader::Text(value, scratch);
}

std::optional<Reject> FlatJsonDecoder::Check(std::optional<std::int64_t> message_ns) {
  record_.model = ModelNamed(*plan_, fields_[kModel].value, text_scratch_);
  if (record_.model == nullptr) return Reject::kModel;
  const ModelPlan& model = *record_.model;
  record_.id = IdText(fields_[kId].value, id_scratch_);
  if (record_.id.empty() && model.labels) return Reject::kId;

  const auto time =
      model.time == TimeSource::kArrival ? message_ns : EventTime(fields_[kTimestamp].value, text_scratch_);
  if (!time || *time < kYear2000Ns) return Reject::kTime;
  if (message_ns && *time > SaturatingAdd(*message_ns, model.skew_ns)) return Reject::kFuture;
  record_.time_ns = *time;

  record_.version = TextOf(kVersion, model.default_version, version_scratch_);
  record_.variant = TextOf(kVariant, {}, variant_scratch_);
  record_.epoch = &model.EpochAt(*time);
  const std::shared_ptr<const Frame>& frame = record_.epoch->FrameOf(record_.version);
  record_.frame = frame.get();
  const bool missing_differ = missing_ != &model.missing;
  missing_ = &model.missing;
  if (row_frame_ != record_.frame || missing_differ) {
    JsonReader again(message_);
    again.Seek(fields_[kFeatures].rest);
    ReadFeatures(again, *record_.frame);
    guess_ = frame;
  }
  if (const int column = record_.frame->prediction(); column >= 0) {
    FillCell(fields_[kPrediction].value, *record_.frame, static_cast<std::size_t>(column));
  }
  FillScore(*record_.frame);
  if (model.labels) FillOutcome(*record_.frame);
  record_.row = &row_;
  return std::nullopt;
}

// The share of one class among `probabilities`; null when it is not there.
JsonReader::Value FlatJsonDecoder::ProbabilityOf(std::string_view wanted) {
  JsonReader::Value found{Type::kNull, {}, false};
  const JsonFields::Found& all = fields_[kProbabilities];
  JsonReader reader(message_);
  bool first = true;
  if (all.value.type == Type::kObject) {
    reader.Seek(all.rest);
    JsonReader::Value name;
    while (reader.NextMember(name, first)) {
      const bool hit =
          baselines::CanonicalText(baselines::Trim(reader.Text(name, text_scratch_)), canonical_scratch_) == wanted;
      const JsonReader::Value share = reader.Read();
      if (!share.scalar()) reader.SkipRest(share.type);
      if (hit) found = share;
    }
  } else if (all.value.type == Type::kArray) {
    reader.Seek(all.rest);
    for (std::size_t i = 0; reader.NextElement(first); ++i) {
      const JsonReader::Value share = reader.Read();
      if (!share.scalar()) reader.SkipRest(share.type);
      if (i < record_.model->classes.size() && record_.model->classes[i] == wanted) found = share;
    }
  }
  return found;
}

void FlatJsonDecoder::FillScore(const Frame& frame) {
  if (frame.score() < 0) return;
  const auto column = static_cast<std::size_t>(frame.score());
  JsonReader::Value value = fields_[kScore].value;
  if (value.type == Type::kNull) value = ProbabilityOf(record_.model->positive);
  FillCell(value, frame, column);
  Cell& cell = row_.cells[column];
  if (cell.state == CellState::kValue && !(cell.number >= 0 && cell.number <= 1))
    cell = {CellState::kTypeFault, detectors::CategoryDictionary::kNoValue, 0};
}

void FlatJsonDecoder::FillOutcome(const Frame& frame) {
  Outcome& outcome = record_.outcome;
  const ModelPlan& model = *record_.model;
  outcome.value = std::numeric_limits<double>::quiet_NaN();
  outcome.segment = TextOf(kSegment, {}, segment_scratch_);
  std::string_view text;
  if (ValueText(fields_[kPrediction].value, model.missing, text_scratch_, predicted_scratch_, text) !=
      TextState::kValue)
    text = {};
  if (model.task == baselines::Task::kRegression) {
    if (const auto number = baselines::ParseNumber(text)) outcome.value = *number;
    return;
  }
  // The text may stand in a buffer that is needed again.
  if (!text.empty() && text.data() != predicted_scratch_.data()) text = predicted_scratch_.assign(text);
  outcome.predicted = text;
  if (model.task == baselines::Task::kBinary && frame.score() >= 0) {
    const Cell& cell = row_.cells[static_cast<std::size_t>(frame.score())];
    if (cell.state == CellState::kValue) outcome.value = cell.number;
    return;
  }
  JsonReader::Value score = fields_[kScore].value;
  if (score.type == Type::kNull)
    score =
        ProbabilityOf(model.task == baselines::Task::kBinary ? std::string_view(model.positive) : outcome.predicted);
  std::string scratch;
  if (ValueText(score, model.missing, text_scratch_, scratch, text) != TextState::kValue) return;
  if (const auto number = baselines::ParseNumber(text); number && *number >= 0 && *number <= 1) outcome.value = *number;
}

}  // namespace monitor
