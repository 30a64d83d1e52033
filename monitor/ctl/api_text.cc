#include "monitor/ctl/api_text.h"

#include <algorithm>

#include "alerts/messages/time_text.h"
#include "baselines/values/timestamp.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {

namespace {

using nlohmann::json;

const json* Find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
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
  return value != nullptr && value->is_string() ? baselines::ParseTimestamp(value->get_ref<const std::string&>())
                                                : std::nullopt;
}

std::string TimeOf(const json& object, const char* key) {
  const auto ns = NsOf(object, key);
  if (!ns) return "-";
  std::string text = alerts::FormatTimeForPeople(*ns);
  if (text.size() > 4 && text.substr(text.size() - 4) == " UTC") text.resize(text.size() - 4);
  return text;
}

std::string LabelsText(const json& labels) {
  return CountOf(labels, "joined") + " joined, " + CountOf(labels, "corrected") + " corrected, " +
         CountOf(labels, "duplicate") + " said before, " + CountOf(labels, "unmatched") + " unmatched, " +
         CountOf(labels, "late") + " late, " + CountOf(labels, "rejected") + " rejected, " +
         CountOf(labels, "skipped") + " skipped, " + CountOf(labels, "waiting") + " waiting";
}

std::string Spaced(std::string word) {
  std::replace(word.begin(), word.end(), '_', ' ');
  return word;
}

}  // namespace monitor
