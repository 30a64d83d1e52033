#include "monitor/ctl/init/name_match.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>

namespace monitor {
namespace {

using KeyOf = std::function<std::string(const std::string&)>;

// Pairs names and columns of one key, where both are the only ones that have it.
void PairByKey(NameMatch& match, const KeyOf& key_of_name, const KeyOf& key_of_column) {
  std::map<std::string, std::pair<std::vector<std::string>, std::vector<std::string>>> by_key;
  for (const std::string& name : match.names_left) by_key[key_of_name(name)].first.push_back(name);
  for (const std::string& column : match.columns_left) by_key[key_of_column(column)].second.push_back(column);
  for (const auto& [key, sides] : by_key) {
    const auto& [names, columns] = sides;
    if (key.empty() || names.empty() || columns.empty()) continue;
    if (names.size() > 1 || columns.size() > 1) {
      std::string text;
      for (const std::string& name : names) text += (text.empty() ? "" : " and ") + name;
      text += " could be";
      for (const std::string& column : columns) text += " " + column;
      if (std::ranges::find(match.ambiguous, text) == match.ambiguous.end()) match.ambiguous.push_back(text);
      continue;
    }
    match.rename[names[0]] = columns[0];
    std::erase(match.names_left, names[0]);
    std::erase(match.columns_left, columns[0]);
  }
}

// The prefix that most of `longer` have in front of one of `shorter`; empty: fewer than two have one, and not all.
std::string CommonPrefix(const std::vector<std::string>& longer, const std::vector<std::string>& shorter) {
  std::map<std::string, std::size_t> prefixes;
  std::set<std::string> keys;
  for (const std::string& name : shorter) keys.insert(LooseName(name));
  for (const std::string& name : longer) {
    const std::string loose = LooseName(name);
    for (const std::string& key : keys) {
      if (!key.empty() && loose.size() > key.size() && loose.ends_with(key))
        ++prefixes[loose.substr(0, loose.size() - key.size())];
    }
  }
  const auto most = std::ranges::max_element(prefixes, {}, [](const auto& prefix) { return prefix.second; });
  if (most == prefixes.end() || (most->second < 2 && shorter.size() > 1)) return {};
  return most->first;
}

std::string Without(const std::string& prefix, const std::string& name) {
  const std::string loose = LooseName(name);
  return loose.starts_with(prefix) ? loose.substr(prefix.size()) : std::string();
}

std::string LastPart(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : LooseName(name.substr(dot + 1));
}

}  // namespace

std::string LooseName(std::string_view name) {
  std::string loose;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80) loose += static_cast<char>(std::tolower(byte));
  }
  return loose;
}

NameMatch MatchNames(const std::vector<std::string>& names, const std::vector<std::string>& columns) {
  NameMatch match;
  const std::set<std::string> all_columns(columns.begin(), columns.end()), all_names(names.begin(), names.end());
  for (const std::string& name : all_names)
    (all_columns.contains(name) ? match.same : match.names_left).push_back(name);
  for (const std::string& column : columns) {
    if (!all_names.contains(column)) match.columns_left.push_back(column);
  }
  PairByKey(match, LooseName, LooseName);
  if (const std::string prefix = CommonPrefix(match.names_left, match.columns_left); !prefix.empty())
    PairByKey(
        match, [&](const std::string& name) { return Without(prefix, name); }, LooseName);
  if (const std::string prefix = CommonPrefix(match.columns_left, match.names_left); !prefix.empty())
    PairByKey(match, LooseName, [&](const std::string& column) { return Without(prefix, column); });
  PairByKey(match, LastPart, LooseName);
  return match;
}

}  // namespace monitor
