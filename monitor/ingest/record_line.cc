#include "monitor/ingest/record_line.h"

#include <nlohmann/json.hpp>

#include "baselines/base64.h"
#include "monitor/ingest/mapping/mapping.h"

namespace monitor {
namespace {

using nlohmann::json;

std::string TextOf(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// Headers in one of the three ways.
void TakeHeaders(const json& headers, std::vector<std::pair<std::string, std::string>>& texts) {
  if (headers.is_object()) {
    for (const auto& [name, value] : headers.items()) texts.emplace_back(name, TextOf(value));
  } else if (headers.is_array() && !headers.empty() && headers[0].is_array()) {
    for (const json& pair : headers) {
      if (pair.size() == 2) texts.emplace_back(TextOf(pair[0]), TextOf(pair[1]));
    }
  } else if (headers.is_array()) {
    for (std::size_t i = 0; i + 1 < headers.size(); i += 2)
      texts.emplace_back(TextOf(headers[i]), TextOf(headers[i + 1]));
  }
}

}  // namespace

bool RecordLine::Needed(const TopicPlan& plan) {
  using Kind = FieldSource::Kind;
  if (plan.format != Format::kFlatJson) return true;  // bytes of Avro are no line
  return plan.mapping != nullptr &&
         (plan.mapping->Uses(Kind::kHeader) || plan.mapping->Uses(Kind::kKey) || plan.mapping->Uses(Kind::kTimestamp));
}

Message RecordLine::Read(std::string_view line, std::int64_t offset) {
  const json record = json::parse(line, nullptr, false);
  const bool kcat = record.is_object() && record.contains("payload") && record.contains("ts");
  const bool ours = record.is_object() && record.contains("value") && record.contains("key");
  if (!kcat && !ours) return {line, offset};
  const json& value = record[kcat ? "payload" : "value"];
  value_ = value.is_null() ? "" : TextOf(value);
  if (ours && record.value("encoding", json()) == "base64")
    value_ = baselines::Base64Decode(value_).value_or(std::string());
  key_ = record.value("key", json()).is_null() ? "" : TextOf(record["key"]);
  texts_.clear();
  headers_.clear();
  TakeHeaders(record.value("headers", json()), texts_);
  for (const auto& [name, text] : texts_) headers_.push_back({name, text});
  Message message{value_, offset, std::nullopt, key_, headers_};
  const json time = record.value(kcat ? "ts" : "timestamp", json());
  if (time.is_number_integer() && time.get<std::int64_t>() > 0)
    message.timestamp_ns = time.get<std::int64_t>() * 1'000'000;
  return message;
}

}  // namespace monitor
