#include "monitor/ingest/envelope.h"

#include "baselines/values/timestamp.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;

std::string_view TextOf(const JsonReader::Value& value, std::string& scratch) {
  return value.escaped ? JsonReader::Unescape(value.raw, scratch) : value.raw;
}

}  // namespace

const ModelPlan* ModelNamed(const TopicPlan& topic, const JsonReader::Value& value, std::string& scratch) {
  if (value.type == Type::kNull) return topic.models.size() == 1 ? topic.models.front().get() : nullptr;
  if (value.type == Type::kText) return topic.Find(TextOf(value, scratch));
  if (value.type == Type::kNumber) return topic.Find(value.raw);
  return nullptr;
}

bool NamesModel(const JsonReader::Value& value) { return value.type == Type::kText || value.type == Type::kNumber; }

std::string_view IdText(const JsonReader::Value& value, std::string& scratch) {
  if (value.type == Type::kText) return TextOf(value, scratch);
  if (value.type == Type::kNumber) return value.raw;
  return {};
}

std::optional<std::int64_t> EventTime(const JsonReader::Value& value, std::string& scratch) {
  std::optional<std::int64_t> time;
  if (value.type == Type::kText) time = baselines::ParseTimestamp(TextOf(value, scratch));
  if (value.type == Type::kNumber) time = baselines::TimestampOfNumber(value.raw);
  return time && *time < kYear2000Ns ? std::nullopt : time;
}

std::optional<std::int64_t> EventTimeIn(const TimeFormat& format, const JsonReader::Value& value,
                                        std::string& scratch) {
  if (value.type == Type::kNumber) return format.Parse(value.raw);
  if (value.type == Type::kText) return format.Parse(TextOf(value, scratch));
  return std::nullopt;
}

TextState ValueText(const JsonReader::Value& value, const baselines::MissingTexts& missing, std::string& scratch,
                    std::string& canonical, std::string_view& text) {
  switch (value.type) {
    case Type::kNull:
    case Type::kNotFinite:
      return TextState::kMissing;
    case Type::kText:
      text = baselines::Trim(TextOf(value, scratch));
      if (missing.Contains(text)) return TextState::kMissing;
      break;
    case Type::kNumber:
    case Type::kTrue:
    case Type::kFalse:
      text = value.raw;
      break;
    default:
      return TextState::kFault;
  }
  text = baselines::CanonicalText(text, canonical);
  return TextState::kValue;
}

}  // namespace monitor
