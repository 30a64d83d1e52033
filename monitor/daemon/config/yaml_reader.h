// YamlValue and YamlMap: a YAML document that knows, for every value, the file, line and key to name in a message.
//
// Every fault throws ConfigError "file:line: key: what is wrong; what to do". Texts are interpolated (interpolation.h)
// when they are read; messages show them as they are written, never what was filled in. Reading is by key only: nothing
// is walked deeper than the keys that we know, so aliases cannot make it long or endless.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/daemon/config/nearest.h"

namespace monitor {

// The file that a value was read from.
struct YamlSource {
  std::filesystem::path shown;   // as the user wrote it
  std::filesystem::path folder;  // absolute; what its paths are relative to
};

class YamlValue {
 public:
  // Reads one document. Its root is a mapping and nothing in it is looked at yet. Throws when the file is missing,
  // empty, larger than 1 MiB, not UTF-8, no YAML, more than one document, or no mapping.
  static YamlValue ReadFile(const std::filesystem::path& file);

  YamlValue(YAML::Node node, std::shared_ptr<const YamlSource> source, int line, std::string key);

  const YamlSource& source() const { return *source_; }
  const std::string& key() const { return key_; }
  std::string Place() const;  // "monitord.yaml:12: models[0].step"
  [[noreturn]] void Fail(const std::string& problem) const;

  bool IsNull() const { return node_.IsNull(); }
  bool IsScalar() const { return node_.IsScalar(); }
  bool IsList() const { return node_.IsSequence(); }
  std::string Quoted() const;  // a scalar in `` as the file has it; for messages about values that are no secrets
  std::string Text() const;    // a scalar with ${…} filled in; may be empty
  std::vector<YamlValue> Items() const;  // of a list; none where the key has no value
  std::vector<std::pair<std::string, YamlValue>> Entries()
      const;  // of a mapping, in order; keys are unique texts. None where there is no value
  YamlValue Child(std::string_view key) const;  // a place for a key that is not there

 private:
  YAML::Node node_;
  std::shared_ptr<const YamlSource> source_;
  int line_;         // from 1; 0: none
  std::string key_;  // empty: the root
};

// A mapping with known keys, optionally with another one behind it that answers for what it lacks (`defaults`).
class YamlMap {
 public:
  YamlMap(const YamlValue& value, Names known, std::shared_ptr<const YamlMap> fallback = nullptr);

  const YamlValue& value() const { return value_; }
  bool Has(std::string_view key) const { return Own(key) != nullptr; }  // here, not in the fallback
  std::optional<YamlValue> Find(std::string_view key) const;
  YamlValue Need(std::string_view key) const;  // "is required" otherwise
  // The mapping under `key`, with the fallback's mapping of the same key behind it. Absent ones are empty.
  YamlMap Sub(std::string_view key, Names known) const;

 private:
  const YamlValue* Own(std::string_view key) const;

  YamlValue value_;
  std::vector<std::pair<std::string, YamlValue>> entries_;
  std::shared_ptr<const YamlMap> fallback_;
};

}  // namespace monitor
