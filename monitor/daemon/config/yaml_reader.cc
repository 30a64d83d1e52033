#include "monitor/daemon/config/yaml_reader.h"

#include <algorithm>
#include <map>

#include "monitor/daemon/config/config.h"
#include "monitor/daemon/config/interpolation.h"
#include "monitor/daemon/config/yaml_file.h"

namespace monitor {
namespace {

std::string_view Kind(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  return node.IsNull() ? "nothing" : "a text";
}

}  // namespace

YamlValue YamlValue::ReadFile(const std::filesystem::path& file) {
  auto source = std::make_shared<YamlSource>(YamlSource{file, std::filesystem::absolute(file).parent_path()});
  const YamlValue root(LoadYamlFile(file), std::move(source), 0, "");
  if (root.node_.IsNull())
    throw ConfigError(file.string() + ": the file is empty; config/monitord.yaml shows what belongs into it");
  if (!root.node_.IsMap())
    throw ConfigError(file.string() + ":1: the file is " + std::string(Kind(root.node_)) +
                      "; it must be a mapping of keys to values");
  return root;
}

YamlValue::YamlValue(YAML::Node node, std::shared_ptr<const YamlSource> source, int line, std::string key)
    : node_(std::move(node)), source_(std::move(source)), line_(line), key_(std::move(key)) {}

std::string YamlValue::Place() const {
  std::string place = source_->shown.string();
  if (line_ > 0) place.append(":").append(std::to_string(line_));
  if (!key_.empty()) place.append(": ").append(key_);
  return place;
}

void YamlValue::Fail(const std::string& problem) const { throw ConfigError(Place() + ": " + problem); }

std::string YamlValue::Quoted() const {
  std::string quoted = "`";
  return quoted.append(node_.IsScalar() ? node_.Scalar() : Kind(node_)).append("`");
}

std::string YamlValue::Text() const {
  if (node_.IsNull()) Fail("has no value; write one or delete the line");
  if (!node_.IsScalar()) Fail("is " + std::string(Kind(node_)) + "; one value belongs here");
  try {
    return Interpolate(node_.Scalar(), source_->folder);
  } catch (const InterpolationError& fault) {
    Fail(fault.what());
  }
}

std::vector<YamlValue> YamlValue::Items() const {
  std::vector<YamlValue> items;
  if (node_.IsNull()) return items;
  if (!node_.IsSequence())
    Fail("is " + std::string(Kind(node_)) + "; a list belongs here, like [a, b] or lines that begin with `- `");
  for (const YAML::Node& item : node_) {
    const int line = item.Mark().line >= 0 ? item.Mark().line + 1 : line_;
    items.emplace_back(item, source_, line,
                       std::string(key_).append("[").append(std::to_string(items.size())).append("]"));
  }
  return items;
}

std::vector<std::pair<std::string, YamlValue>> YamlValue::Entries() const {
  std::vector<std::pair<std::string, YamlValue>> entries;
  if (node_.IsNull()) return entries;
  if (!node_.IsMap()) Fail("is " + std::string(Kind(node_)) + "; a mapping of keys to values belongs here");
  std::map<std::string, int> seen;
  for (const auto& entry : node_) {
    const int line = entry.first.Mark().line >= 0 ? entry.first.Mark().line + 1 : line_;
    if (!entry.first.IsScalar()) {
      YamlValue(entry.first, source_, line, key_)
          .Fail("a key is " + std::string(Kind(entry.first)) + "; keys are plain words");
    }
    const std::string name = entry.first.Scalar();
    YamlValue value(entry.second, source_, line, key_.empty() ? name : key_ + "." + name);
    if (const auto [first, fresh] = seen.emplace(name, line); !fresh) {
      value.Fail("is given twice, first in line " + std::to_string(first->second) + "; delete one of them");
    }
    entries.emplace_back(name, std::move(value));
  }
  return entries;
}

YamlValue YamlValue::Child(std::string_view key) const {
  return YamlValue(YAML::Node(), source_, line_, key_.empty() ? std::string(key) : key_ + "." + std::string(key));
}

YamlMap::YamlMap(const YamlValue& value, Names known, std::shared_ptr<const YamlMap> fallback)
    : value_(value), entries_(value.Entries()), fallback_(std::move(fallback)) {
  for (const auto& [name, entry] : entries_) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      entry.Fail("unknown key; " + Suggestion(name, known));
  }
}

const YamlValue* YamlMap::Own(std::string_view key) const {
  for (const auto& [name, entry] : entries_) {
    if (name == key) return &entry;
  }
  return nullptr;
}

std::optional<YamlValue> YamlMap::Find(std::string_view key) const {
  if (const YamlValue* own = Own(key)) return *own;
  return fallback_ == nullptr ? std::nullopt : fallback_->Find(key);
}

YamlValue YamlMap::Need(std::string_view key) const {
  auto found = Find(key);
  if (!found) value_.Child(key).Fail("is required; add it");
  return *found;
}

YamlMap YamlMap::Sub(std::string_view key, Names known) const {
  std::shared_ptr<const YamlMap> behind;
  if (fallback_ != nullptr) behind = std::make_shared<YamlMap>(fallback_->Sub(key, known));
  const YamlValue* own = Own(key);
  return YamlMap(own != nullptr ? *own : value_.Child(key), known, std::move(behind));
}

}  // namespace monitor
