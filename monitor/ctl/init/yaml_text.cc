#include "monitor/ctl/init/yaml_text.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace monitor {

std::string YamlText(std::string_view text) {
  const auto letter = [](unsigned char c) { return std::isalpha(c) != 0 || c == '_'; };
  const auto plain = [&](unsigned char c) {
    return letter(c) || std::isdigit(c) != 0 || c == '.' || c == '-' || c == '/' || c == '$';
  };
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  static constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "on", "off",
                                                "null", "nan",   "inf", "y",  "n"};
  const bool starts_plain = !text.empty() && (letter(static_cast<unsigned char>(text[0])) || text[0] == '$');
  if (starts_plain && std::ranges::all_of(text, plain) && std::ranges::find(kWords, lower) == std::end(kWords))
    return std::string(text);
  std::string quoted = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  // `${` begins a reference in a configuration.
  for (std::size_t at = 0; (at = quoted.find("${", at)) != std::string::npos; at += 3) quoted.insert(at, "$");
  return quoted;
}

std::string YamlList(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) list += (list.size() == 1 ? "" : ", ") + YamlText(text);
  return list + "]";
}

std::string YamlMapping(const std::map<std::string, std::string>& entries) {
  std::string map = "{";
  for (const auto& [name, text] : entries)
    map += (map.size() == 1 ? "" : ", ") + YamlText(name) + ": " + YamlText(text);
  return map + "}";
}

std::string PathStep(std::string_view name) {
  std::string step;
  for (const char c : name) {
    if (c == '.' || c == '[' || c == '\\') step += '\\';
    step += c;
  }
  return step;
}

}  // namespace monitor
