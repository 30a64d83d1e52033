#include "monitor/ingest/avro/avro_text.h"

namespace monitor {

using Kind = AvroSchema::Kind;

bool AvroText::Write(const AvroSchema& schema, std::string_view bytes) {
  schema_ = &schema;
  text_.clear();
  scalars_.clear();
  AvroBytes reader(bytes);
  return WriteValue(reader, schema.root(), 0) && reader.AtEnd();
}

bool AvroText::WriteValue(AvroBytes& bytes, AvroSchema::Index index, int level) {
  const AvroSchema::Type& type = (*schema_)[index];
  if (type.scalar) return WriteScalar(bytes, index);
  if (level == kMostLevels || text_.size() > kMostText) return false;
  if (type.kind == Kind::kUnion) {
    std::size_t branch = 0;
    return bytes.TakeChoice(type.parts.size(), branch) && WriteValue(bytes, type.parts[branch], level + 1);
  }
  if (type.kind != Kind::kRecord) return WriteBlocks(bytes, type, level);
  text_ += '{';
  for (std::size_t i = 0; i < type.parts.size(); ++i) {
    if (i > 0) text_ += ',';
    WriteText(type.names[i]);
    text_ += ':';
    if (!WriteValue(bytes, type.parts[i], level + 1)) return false;
  }
  text_ += '}';
  return true;
}

bool AvroText::WriteBlocks(AvroBytes& bytes, const AvroSchema::Type& type, int level) {
  const bool map = type.kind == Kind::kMap;
  text_ += map ? '{' : '[';
  bool first = true;
  for (std::uint64_t items = 0;;) {
    if (!bytes.TakeBlock(items)) return false;
    if (items == 0) break;
    for (; items > 0; --items) {
      if (!first) text_ += ',';
      first = false;
      std::string_view key;
      if (map) {
        if (!bytes.TakeSized(key)) return false;
        WriteText(key);
        text_ += ':';
      }
      if (text_.size() > kMostText || !WriteValue(bytes, type.parts.front(), level + 1)) return false;
    }
  }
  text_ += map ? '}' : ']';
  return true;
}

bool AvroText::WriteScalar(AvroBytes& bytes, AvroSchema::Index type) {
  AvroScalar scalar;
  Scalar place{type, bytes.position(), nullptr, 0};
  if (!scalar.Take(*schema_, type, bytes, scratch_)) return false;
  const JsonReader::Value value = scalar.AsJson(digits_);
  if (value.type == JsonReader::Type::kNotFinite && scalar.real < 0) text_ += '-';
  place.end = bytes.position();
  place.text = text_.size();
  if (value.type == JsonReader::Type::kText) {
    ++place.text;
    WriteText(value.raw);
  } else {
    text_ += value.raw;
  }
  if (scalars_.size() <= kMostScalars) scalars_.push_back(place);
  return true;
}

void AvroText::WriteText(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  text_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t plain = at;
    while (plain < text.size() && text[plain] != '"' && text[plain] != '\\' &&
           static_cast<unsigned char>(text[plain]) >= 0x20)
      ++plain;
    text_.append(text, at, plain - at);
    at = plain;
    if (at == text.size()) break;
    const auto code = static_cast<unsigned char>(text[at++]);
    if (code >= 0x20) {
      text_ += '\\';
      text_ += static_cast<char>(code);
    } else {
      text_ += "\\u00";
      text_ += kHex[code >> 4];
      text_ += kHex[code & 15];
    }
  }
  text_ += '"';
}

}  // namespace monitor
