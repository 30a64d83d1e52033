#include "monitor/ingest/flat_json.h"

#include <simdjson.h>

#include <cstring>

#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;

bool Blank(std::string_view text) { return text.find_first_not_of(" \t\n\r") == std::string_view::npos; }

// A JSON document begins with two ASCII characters, so where the zeros are among its first four bytes tells UTF-16 and UTF-32 (RFC 4627,
// section 3): 00 00 00 xx, 00 xx 00 xx, xx 00 00 00, xx 00 xx 00. Other zeros are something else, such as a schema registry's prefix.
bool LooksLikeUtf16(std::string_view text) {
  if (text.size() >= 2 && (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE"))) return true;
  if (text.size() < 4) return false;
  const bool a = text[0] != 0, b = text[1] != 0, c = text[2] != 0, d = text[3] != 0;
  return (!a && d && !c) || (a && !b && !d);
}

constexpr std::string_view kNames[] = {"id", "model", "version", "variant", "timestamp", "features", "prediction", "score", "probabilities"};

}  // namespace

FlatJsonDecoder::FlatJsonDecoder(std::shared_ptr<const TopicPlan> plan) : plan_(std::move(plan)) {
  for (std::uint8_t field = 0; field < kFields; ++field) {
    const auto mapped = plan_->fields.find(std::string(kNames[field]));
    AddPath(mapped == plan_->fields.end() ? kNames[field] : std::string_view(mapped->second), static_cast<Field>(field));
  }
  const ModelPlan& first = *plan_->models.front();
  guess_ = first.epochs.back().FrameOf(first.default_version);
  missing_ = &first.missing;
}

void FlatJsonDecoder::AddPath(std::string_view path, Field field) {
  Node* node = &root_;
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    Node* child = nullptr;
    for (Node& candidate : node->children) {
      if (candidate.name == name) child = &candidate;
    }
    if (child == nullptr) {
      node->children.push_back({std::string(name), kNone, {}});
      child = &node->children.back();
    }
    node = child;
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  node->field = field;
}

const DecodedRecord& FlatJsonDecoder::Decode(std::string_view message, std::optional<std::int64_t> message_ns) {
  record_ = {};
  message_ = message;
  for (Found& found : found_) found = {};
  object_ = false;
  row_frame_ = nullptr;
  auto reject = ReadDocument(message);
  if (!reject) {
    reject = Check(message_ns);
  } else {
    // A reject that names no model counts under the topic's model where only one reads the topic.
    if (plan_->models.size() == 1) record_.model = plan_->models.front().get();
    if (*reject == Reject::kShape && object_) {
      bool named = false;
      if (const ModelPlan* model = ResolveModel(named); named) record_.model = model;
    }
  }
  record_.reject = reject;
  return record_;
}

std::optional<Reject> FlatJsonDecoder::ReadDocument(std::string_view message) {
  if (Blank(message)) return Reject::kEmpty;
  if (LooksLikeUtf16(message) || !simdjson::validate_utf8(message.data(), message.size())) return Reject::kEncoding;
  if (message.starts_with("\xEF\xBB\xBF")) message.remove_prefix(3);
  JsonReader reader(message);
  const JsonReader::Value root = reader.Read();
  if (root.type == Type::kObject) {
    object_ = true;
    ReadObject(reader, root_);
  } else if (root.type == Type::kArray) {
    reader.SkipRest(root.type);
  }
  if (reader.lone_surrogate()) return Reject::kEncoding;
  if (!reader.ok() || !reader.AtEnd()) return Reject::kJson;
  if (!object_ || found_[kFeatures].value.type != Type::kObject) return Reject::kShape;
  return std::nullopt;
}

void FlatJsonDecoder::ReadObject(JsonReader& reader, const Node& node) {
  JsonReader::Value name;
  bool first = true;
  while (reader.NextMember(name, first)) {
    const std::string_view key = reader.Text(name, text_scratch_);
    const Node* child = nullptr;
    for (const Node& candidate : node.children) {
      if (candidate.name == key) {
        child = &candidate;
        break;
      }
    }
    if (child != nullptr) {
      ReadValue(reader, *child);
    } else if (const auto value = reader.Read(); !value.scalar()) {
      reader.SkipRest(value.type);
    }
  }
}

void FlatJsonDecoder::ReadValue(JsonReader& reader, const Node& node) {
  const JsonReader::Value value = reader.Read();
  if (node.field != kNone) found_[node.field] = {value, reader.position()};
  if (value.type == Type::kObject) {
    if (node.field == kFeatures) {
      ReadFeatures(reader, *guess_);
    } else if (!node.children.empty()) {
      ReadObject(reader, node);
    } else {
      reader.SkipRest(value.type);
    }
  } else if (value.type == Type::kArray) {
    reader.SkipRest(value.type);
  }
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
    FillCell(reader, value, frame, static_cast<std::size_t>(column));
    expected = static_cast<std::size_t>(column) + 1;
  }
}

void FlatJsonDecoder::FillCell(JsonReader& reader, const JsonReader::Value& value, const Frame& frame, std::size_t column) {
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
      text = baselines::Trim(reader.Text(value, text_scratch_));
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

const ModelPlan* FlatJsonDecoder::ResolveModel(bool& named) {
  const JsonReader::Value& value = found_[kModel].value;
  named = value.type == Type::kText || value.type == Type::kNumber;
  if (value.type == Type::kNull) return plan_->models.size() == 1 ? plan_->models.front().get() : nullptr;
  JsonReader reader({});
  if (value.type == Type::kText) return plan_->Find(reader.Text(value, text_scratch_));
  if (value.type == Type::kNumber) return plan_->Find(value.raw);
  return nullptr;
}

std::string FlatJsonDecoder::TextOf(Field field, std::string_view fallback) {
  const JsonReader::Value& value = found_[field].value;
  if (value.type == Type::kNumber) return std::string(baselines::CanonicalText(value.raw, canonical_scratch_));
  if (value.type != Type::kText || value.raw.empty()) return std::string(fallback);
  JsonReader reader({});
  return std::string(reader.Text(value, text_scratch_));
}

std::optional<Reject> FlatJsonDecoder::Check(std::optional<std::int64_t> message_ns) {
  bool named = false;
  record_.model = ResolveModel(named);
  if (record_.model == nullptr) return Reject::kModel;
  const ModelPlan& model = *record_.model;

  JsonReader reader({});
  if (const auto& id = found_[kId].value; id.type == Type::kText) {
    record_.id = reader.Text(id, id_scratch_);
  } else if (id.type == Type::kNumber) {
    record_.id = id.raw;
  }
  if (record_.id.empty() && model.needs_id) return Reject::kId;

  std::optional<std::int64_t> time;
  if (model.time == TimeSource::kArrival) {
    time = message_ns;
  } else if (const auto& stamp = found_[kTimestamp].value; stamp.type == Type::kText) {
    time = ParseTimestamp(reader.Text(stamp, text_scratch_));
  } else if (stamp.type == Type::kNumber) {
    time = TimestampOfNumber(stamp.raw);
  }
  if (!time || *time < kYear2000Ns) return Reject::kTime;
  if (message_ns && *time > SaturatingAdd(*message_ns, model.skew_ns)) return Reject::kFuture;
  record_.time_ns = *time;

  record_.version = TextOf(kVersion, model.default_version);
  record_.variant = TextOf(kVariant, {});
  record_.epoch = &model.EpochAt(*time);
  record_.frame = record_.epoch->FrameOf(record_.version);
  const bool missing_differ = missing_ != &model.missing;
  missing_ = &model.missing;
  if (row_frame_ != record_.frame.get() || missing_differ) {
    JsonReader again(message_);
    again.Seek(found_[kFeatures].rest);
    ReadFeatures(again, *record_.frame);
    guess_ = record_.frame;
  }
  if (const int column = record_.frame->prediction(); column >= 0) {
    FillCell(reader, found_[kPrediction].value, *record_.frame, static_cast<std::size_t>(column));
  }
  FillScore(*record_.frame);
  record_.row = &row_;
  return std::nullopt;
}

void FlatJsonDecoder::FillScore(const Frame& frame) {
  if (frame.score() < 0) return;
  const auto column = static_cast<std::size_t>(frame.score());
  JsonReader reader(message_);
  JsonReader::Value value = found_[kScore].value;
  if (value.type == Type::kNull && found_[kProbabilities].value.type == Type::kObject) {
    reader.Seek(found_[kProbabilities].rest);
    JsonReader::Value name;
    bool first = true;
    while (reader.NextMember(name, first)) {
      const bool positive =
          baselines::CanonicalText(baselines::Trim(reader.Text(name, text_scratch_)), canonical_scratch_) == record_.model->positive;
      const JsonReader::Value share = reader.Read();
      if (!share.scalar()) reader.SkipRest(share.type);
      if (positive) value = share;
    }
  }
  FillCell(reader, value, frame, column);
  Cell& cell = row_.cells[column];
  if (cell.state == CellState::kValue && !(cell.number >= 0 && cell.number <= 1)) cell = {CellState::kTypeFault, detectors::CategoryDictionary::kNoValue, 0};
}

}  // namespace monitor
