#include "monitor/ingest/record_filler.h"

#include <algorithm>
#include <limits>
#include <set>

#include "monitor/ingest/envelope.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;

constexpr std::size_t kMostCached =
    64;  // frames with caches, of up to 20 KiB a column; what serves more finds them cold

}  // namespace

RecordFiller::RecordFiller(std::shared_ptr<const TopicPlan> plan) : plan_(std::move(plan)) {
  const ModelPlan& first = *plan_->models.front();
  guess_ = first.epochs.back().FrameOf(first.default_version);
  missing_ = &first.missing;
  std::set<const Frame*> frames;
  for (const auto& model : plan_->models) {
    for (const Epoch& epoch : model->epochs) {
      frames.insert(epoch.newest.get());
      for (const auto& [version, frame] : epoch.by_version) frames.insert(frame.get());
    }
  }
  several_frames_ = frames.size() > 1;
}

std::string_view RecordFiller::TextOf(const JsonReader::Value& value, std::string_view fallback, std::string& scratch) {
  if (value.type == Type::kNumber) return baselines::CanonicalText(value.raw, scratch);
  if (value.type != Type::kText || value.raw.empty()) return fallback;
  return JsonReader::Text(value, scratch);
}

std::optional<std::int64_t> RecordFiller::TimeOf(const JsonReader::Value& value) {
  if (plan_->mapping == nullptr || !plan_->mapping->time_format) return EventTime(value, text_scratch_);
  return EventTimeIn(*plan_->mapping->time_format, value, text_scratch_);
}

void RecordFiller::Disown(Fields fields, bool object, Reject reject) {
  record_ = {};
  record_.reject = reject;
  // A reject that names no model counts under the topic's model where only one reads the topic.
  if (plan_->models.size() == 1) record_.model = plan_->models.front().get();
  if (reject == Reject::kShape && object && NamesModel(fields[kRecordModel].value))
    record_.model = ModelNamed(*plan_, fields[kRecordModel].value, text_scratch_);
}

void RecordFiller::Skip(Fields fields) {
  record_ = {};
  record_.skipped = true;
  record_.model = ModelNamed(*plan_, fields[kRecordModel].value, text_scratch_);
}

std::optional<Reject> RecordFiller::Envelope(Fields fields, std::optional<std::int64_t> message_ns,
                                             std::optional<std::int64_t> event_ns) {
  record_ = {};
  record_.model = ModelNamed(*plan_, fields[kRecordModel].value, text_scratch_);
  if (record_.model == nullptr) return Reject::kModel;
  const ModelPlan& model = *record_.model;
  record_.id = IdText(fields[kRecordId].value, id_scratch_);
  if (record_.id.empty() && model.labels) return Reject::kId;

  auto time = message_ns;
  if (model.time == TimeSource::kEvent) time = event_ns ? event_ns : TimeOf(fields[kRecordTimestamp].value);
  if (!time || *time < kYear2000Ns) return Reject::kTime;
  if (message_ns && *time > SaturatingAdd(*message_ns, model.skew_ns)) return Reject::kFuture;
  record_.time_ns = *time;

  record_.version = TextOf(fields[kRecordVersion].value, model.default_version, version_scratch_);
  record_.variant = TextOf(fields[kRecordVariant].value, {}, variant_scratch_);
  record_.epoch = &model.EpochAt(*time);
  const std::shared_ptr<const Frame>& frame = record_.epoch->FrameOf(record_.version);
  record_.frame = frame.get();
  missing_ = &model.missing;
  if (guess_ != frame) guess_ = frame;
  return std::nullopt;
}

void RecordFiller::BeginRow() { BeginRow(*guess_); }

void RecordFiller::BeginRow(const Frame& frame) {
  row_.Clear(frame.columns());
  if (row_frame_ != &frame || row_missing_ != missing_) row_caches_ = &CachesOf(frame);
  row_frame_ = &frame;
  row_missing_ = missing_;
  texts_.clear();
  keeps_texts_ = several_frames_;
}

bool RecordFiller::Refit() {
  const Frame& frame = *record_.frame;
  if (!keeps_texts_ || !frame.SameColumns(*row_frame_)) return false;
  row_frame_ = &frame;
  row_missing_ = missing_;
  row_caches_ = &CachesOf(frame);
  row_.unseen.clear();
  for (const auto& [column, value] : texts_) FillFeature(column, value);
  return true;
}

RecordFiller::Caches& RecordFiller::CachesOf(const Frame& frame) {
  const auto [caches, fresh] = caches_.try_emplace({&frame, missing_});
  if (!fresh) return caches->second;
  const bool room = caches_.size() <= kMostCached;
  for (std::size_t i = 0; i < frame.columns(); ++i) {
    const bool categorical = frame.column(i).kind() == detectors::FeatureKind::kCategorical;
    const std::size_t values = categorical ? frame.column(i).summary.shape().dictionary.size() : 0;
    caches->second.push_back(categorical && room ? std::make_unique<CategoryCache>(values) : nullptr);
  }
  return caches->second;
}

const ValueRules* RecordFiller::RuleOf(const Frame& frame, std::size_t column) {
  if (plan_->mapping == nullptr || plan_->mapping->rules.empty()) return nullptr;
  if (rules_frame_ != &frame) {
    rules_frame_ = &frame;
    rules_.assign(frame.columns(), nullptr);
    for (std::size_t i = 0; i < frame.features(); ++i) {
      rules_[i] = plan_->mapping->RulesOf(frame.profile().features[i].name);
    }
  }
  return rules_[column];
}

void RecordFiller::FillCell(const JsonReader::Value& value, const Frame& frame, std::size_t column) {
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
  bool word = value.type == Type::kTrue || value.type == Type::kFalse;
  if (const ValueRules* const rules = RuleOf(frame, column)) {
    const std::string_view canonical = baselines::CanonicalText(text, canonical_scratch_);
    if (std::ranges::find(rules->missing, canonical) != rules->missing.end()) return;
    if (const auto meant = rules->values.find(canonical); meant != rules->values.end()) {
      text = meant->second;
      word = false;
    }
  }
  if (frame.column(column).kind() == detectors::FeatureKind::kNumeric) {
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

void RecordFiller::Complete(Fields fields) {
  const Frame& frame = *record_.frame;
  if (const int column = frame.prediction(); column >= 0) {
    FillFeature(static_cast<std::size_t>(column), fields[kRecordPrediction].value);
  }
  FillScore(fields, frame);
  if (record_.model->labels) FillOutcome(fields, frame);
  record_.row = &row_;
}

// The share of one class among `probabilities`; null when it is not there.
JsonReader::Value RecordFiller::ProbabilityOf(const JsonFields::Found& all, std::string_view wanted) {
  JsonReader::Value found{Type::kNull, {}, false};
  JsonReader reader(all.rest);
  bool first = true;
  if (all.value.type == Type::kObject) {
    JsonReader::Value name;
    while (reader.NextMember(name, first)) {
      const bool hit =
          baselines::CanonicalText(baselines::Trim(reader.Text(name, text_scratch_)), canonical_scratch_) == wanted;
      const JsonReader::Value share = reader.Read();
      if (!share.scalar()) reader.SkipRest(share.type);
      if (hit) found = share;
    }
  } else if (all.value.type == Type::kArray) {
    for (std::size_t i = 0; reader.NextElement(first); ++i) {
      const JsonReader::Value share = reader.Read();
      if (!share.scalar()) reader.SkipRest(share.type);
      if (i < record_.model->classes.size() && record_.model->classes[i] == wanted) found = share;
    }
  }
  return found;
}

void RecordFiller::FillScore(Fields fields, const Frame& frame) {
  if (frame.score() < 0) return;
  const auto column = static_cast<std::size_t>(frame.score());
  Cell& cell = row_.cells[column];
  if (const std::optional<double> number = fields[kRecordScore].number) {
    cell = Cell::Of(*number);
  } else {
    JsonReader::Value value = fields[kRecordScore].value;
    if (value.type == Type::kNull) value = ProbabilityOf(fields[kRecordProbabilities], record_.model->positive);
    FillCell(value, frame, column);
  }
  if (cell.state == CellState::kValue && !(cell.number >= 0 && cell.number <= 1)) {
    cell = {};
    cell.state = CellState::kTypeFault;
  }
}

void RecordFiller::FillOutcome(Fields fields, const Frame& frame) {
  Outcome& outcome = record_.outcome;
  const ModelPlan& model = *record_.model;
  outcome.value = std::numeric_limits<double>::quiet_NaN();
  outcome.segment = TextOf(fields[kRecordSegment].value, {}, segment_scratch_);
  std::string_view text;
  if (ValueText(fields[kRecordPrediction].value, model.missing, text_scratch_, predicted_scratch_, text) !=
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
  JsonReader::Value score = fields[kRecordScore].value;
  if (score.type == Type::kNull)
    score =
        ProbabilityOf(fields[kRecordProbabilities],
                      model.task == baselines::Task::kBinary ? std::string_view(model.positive) : outcome.predicted);
  std::string scratch;
  if (ValueText(score, model.missing, text_scratch_, scratch, text) != TextState::kValue) return;
  if (const auto number = baselines::ParseNumber(text); number && *number >= 0 && *number <= 1) outcome.value = *number;
}

}  // namespace monitor
