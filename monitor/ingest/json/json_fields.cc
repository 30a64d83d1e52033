#include "monitor/ingest/json/json_fields.h"

#include <simdjson.h>

#include "monitor/ingest/avro/schema_prefix.h"

namespace monitor {
namespace {

bool Blank(std::string_view text) { return text.find_first_not_of(" \t\n\r") == std::string_view::npos; }

// A JSON document begins with two ASCII characters, so where the zeros are among its first four bytes tells UTF-16 and
// UTF-32 (RFC 4627, section 3): 00 00 00 xx 00 00 00, 00 xx 00 xx, xx 00 00 00, xx 00 xx 00. Other zeros are something
// else, such as a schema registry's prefix.
bool LooksLikeUtf16(std::string_view text) {
  if (text.size() >= 2 && (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE"))) return true;
  if (text.size() < 4) return false;
  const bool a = text[0] != 0, b = text[1] != 0, c = text[2] != 0, d = text[3] != 0;
  if (!a && !b && !c && d) return text.size() >= 8 && text[4] == 0 && text[5] == 0 && text[6] == 0;
  return (!a && d && !c) || (a && !b && !d);
}

}  // namespace

JsonFields::JsonFields(std::span<const std::string_view> names, const std::map<std::string, std::string>& mapped)
    : found_(names.size()) {
  for (std::size_t field = 0; field < names.size(); ++field) {
    const auto path = mapped.find(std::string(names[field]));
    AddPath(path == mapped.end() ? names[field] : std::string_view(path->second), static_cast<int>(field));
  }
}

void JsonFields::AddPath(std::string_view path, int field) {
  Node* node = &root_;
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    Node* child = nullptr;
    for (Node& candidate : node->children) {
      if (candidate.name == name) child = &candidate;
    }
    if (child == nullptr) {
      node->children.push_back({std::string(name), -1, {}});
      child = &node->children.back();
    }
    node = child;
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  node->field = field;
}

std::optional<Reject> JsonFields::CheckText(std::string_view& message) {
  if (IsPrefixedObject(message)) {
    message.remove_prefix(kSchemaPrefix);
  } else if (HasSchemaPrefix(message) && !LooksLikeUtf16(message)) {
    return Reject::kSchema;
  }
  if (Blank(message)) return Reject::kEmpty;
  if (LooksLikeUtf16(message) || !simdjson::validate_utf8(message.data(), message.size())) return Reject::kEncoding;
  if (message.starts_with("\xEF\xBB\xBF")) message.remove_prefix(3);
  return std::nullopt;
}

}  // namespace monitor
