#include "monitor/ctl/api_text.h"

#include <algorithm>

#include "alerts/time_text.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/wording.h"

namespace monitor {

namespace {

using nlohmann::json;

const json* Find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

std::size_t Length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

}  // namespace

std::string TextOf(const json& object, const char* key) {
  const json* value = Find(object, key);
  return value != nullptr && value->is_string() && !value->get_ref<const std::string&>().empty()
             ? value->get<std::string>()
             : "-";
}

std::optional<double> DoubleOf(const json& object, const char* key) {
  const json* value = Find(object, key);
  return value != nullptr && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::string NumberOf(const json& object, const char* key) {
  const auto value = DoubleOf(object, key);
  return value ? Number(*value) : "-";
}

std::string CountOf(const json& object, const char* key) {
  const json* value = Find(object, key);
  return value != nullptr && value->is_number_integer() ? Thousands(value->get<std::uint64_t>()) : "-";
}

std::optional<std::int64_t> NsOf(const json& object, const char* key) {
  const json* value = Find(object, key);
  return value != nullptr && value->is_string() ? ParseTimestamp(value->get_ref<const std::string&>()) : std::nullopt;
}

std::string TimeOf(const json& object, const char* key) {
  const auto ns = NsOf(object, key);
  if (!ns) return "-";
  std::string text = alerts::FormatTimeForPeople(*ns);
  if (text.size() > 4 && text.substr(text.size() - 4) == " UTC") text.resize(text.size() - 4);
  return text;
}

std::string Cut(const std::string& text, std::size_t width) {
  std::string shown;
  std::size_t characters = 0;
  const std::size_t all = Length(text);
  for (const char c : text) {
    if (BeginsCharacter(c)) {
      if (all > width && characters + 1 >= width) return shown + "…";
      ++characters;
    }
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return shown;
}

std::string Wrap(const std::string& text, std::size_t width, std::size_t indent) {
  const std::string words = Cut(text, text.size() + 1);
  std::string wrapped;
  std::size_t column = indent, at = 0;
  bool first = true;
  while (at < words.size()) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    const std::string_view word(words.data() + at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!first && column + 1 + Length(word) > width) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += Length(word);
    first = false;
  }
  return wrapped;
}

std::string Spaced(std::string word) {
  std::replace(word.begin(), word.end(), '_', ' ');
  return word;
}

}  // namespace monitor
