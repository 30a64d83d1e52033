#include "monitor/daemon/config/yaml_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "monitor/daemon/config/interpolation.h"
#include "monitor/daemon/config/units.h"

namespace monitor {
namespace {

template <typename Number>
std::optional<Number> Parse(const std::string& text) {
  Number number{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool IsTopicCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string AsText(const YamlValue& value) {
  std::string text = value.Text();
  if (text.empty()) value.Fail("is empty; write a value or delete the line");
  return text;
}

Duration AsDuration(const YamlValue& value) {
  const auto duration = DurationFrom(value.Text());
  if (!duration) value.Fail(value.Quoted() + " is no duration; " + std::string(kDurationHint));
  return *duration;
}

double AsNumber(const YamlValue& value) {
  const auto number = Parse<double>(value.Text());
  if (!number || !std::isfinite(*number)) value.Fail(value.Quoted() + " is no number; write one like 0.25");
  return *number;
}

std::string AsUrl(const YamlValue& value) {
  std::string url = value.Text();
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  const bool blank =
      std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
  if (scheme == 0 || url.size() == scheme || url[scheme] == '/' || blank)
    value.Fail("is no address; it must begin with https:// or http:// and name a host");
  return url;
}

std::string AsTopic(const YamlValue& value) {
  std::string topic = AsText(value);
  if (topic.size() > 249 || topic == "." || topic == ".." ||
      !std::all_of(topic.begin(), topic.end(), IsTopicCharacter)) {
    value.Fail(value.Quoted() +
               " is no Kafka topic; topics are at most 249 letters, digits, dots, underscores and hyphens");
  }
  return topic;
}

std::filesystem::path AsPath(const YamlValue& value) {
  const std::string text = AsText(value);
  if (text.find('\0') != std::string::npos) value.Fail("holds a zero byte; write a path");
  return (value.source().folder / text).lexically_normal();
}

std::string AsSecretOfFile(const YamlValue& value) {
  try {
    return ReadSecretFile(AsPath(value));
  } catch (const InterpolationError& fault) {
    value.Fail(fault.what());
  }
}

std::vector<std::string> AsTexts(const YamlValue& value) {
  if (value.IsScalar()) return {AsText(value)};
  std::vector<std::string> texts;
  for (const YamlValue& item : value.Items()) texts.push_back(AsText(item));
  return texts;
}

std::string AsChoice(const YamlValue& value, Names choices) {
  std::string text = value.Text();
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
    value.Fail(value.Quoted() + " is unknown; " + Suggestion(text, choices));
  }
  return text;
}

std::string ReadSecret(const YamlMap& map, const std::string& key) {
  const auto text = map.Find(key), file = map.Find(key + "_file");
  if (text && file) file->Fail("`" + key + "` is given as well; give one of them");
  return text ? AsText(*text) : file ? AsSecretOfFile(*file) : "";
}

void ReadText(const YamlMap& map, std::string_view key, std::string& out) {
  if (const auto value = map.Find(key)) out = AsText(*value);
}

void ReadDuration(const YamlMap& map, std::string_view key, Duration& out) {
  if (const auto value = map.Find(key)) out = AsDuration(*value);
}

void ReadPositiveDuration(const YamlMap& map, std::string_view key, Duration& out) {
  const auto value = map.Find(key);
  if (!value) return;
  out = AsDuration(*value);
  if (out.count() <= 0) value->Fail("is zero; write a duration above zero");
}

void ReadSize(const YamlMap& map, std::string_view key, std::uint64_t& out) {
  const auto value = map.Find(key);
  if (!value) return;
  const auto size = SizeFrom(value->Text());
  if (!size || *size == 0) value->Fail(value->Quoted() + " is no size; " + std::string(kSizeHint));
  out = *size;
}

void ReadNumberAbove(const YamlMap& map, std::string_view key, double bound, double& out) {
  const auto value = map.Find(key);
  if (!value) return;
  out = AsNumber(*value);
  if (out <= bound)
    value->Fail(value->Quoted() + " is too small; it must be larger than " + std::to_string(static_cast<int>(bound)));
}

void ReadInteger(const YamlMap& map, std::string_view key, int least, int most, int& out) {
  const auto value = map.Find(key);
  if (!value) return;
  const auto number = Parse<int>(value->Text());
  if (!number || *number < least || *number > most) {
    value->Fail(value->Quoted() + " does not fit; write a whole number from " + std::to_string(least) + " to " +
                std::to_string(most));
  }
  out = *number;
}

void ReadBool(const YamlMap& map, std::string_view key, bool& out) {
  static constexpr std::string_view kChoices[] = {"true", "false"};
  if (const auto value = map.Find(key)) out = AsChoice(*value, kChoices) == "true";
}

}  // namespace monitor
