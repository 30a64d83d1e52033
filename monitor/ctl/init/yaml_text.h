// Texts as YAML writes them in one line. Pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace monitor {

std::string YamlText(std::string_view text);  // plain where that is unmistakable, else between quotes
std::string YamlList(const std::vector<std::string>& texts);
std::string YamlMapping(const std::map<std::string, std::string>& entries);  // values and names as YamlText

// A name as a step of a path (Path::Parse): dots and brackets within it behind a backslash.
std::string PathStep(std::string_view name);

}  // namespace monitor
