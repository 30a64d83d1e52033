// Mapping: where the fields of a record stand in somebody else's JSON, as `requests.fields` and `labels.fields` say it.
//
// A value type, read from the configuration once (monitor/daemon/config/config_mapping.cc), immutable, shared by all
// decoders. README, "My records look different", has it by question.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/ingest/mapping/time_format.h"

namespace monitor {

// Names and places from the message (or from the row) down to a value: `outputs[0].score`, `$row.id`, `scores[$row]`.
struct Path {
  struct Step {
    enum class Kind : std::uint8_t { kName, kIndex, kRow } kind = Kind::kName;
    std::string name;
    std::size_t index = 0;
    bool operator==(const Step&) const = default;
  };
  bool from_row = false;
  std::vector<Step> steps;

  bool LooksAtRow() const;
  bool operator==(const Path&) const = default;
  // A dot or a bracket within a name is written behind a backslash. nullopt: `text` is no path.
  static std::optional<Path> Parse(std::string_view text);
};

// Where a field's value comes from.
struct FieldSource {
  enum class Kind : std::uint8_t { kPath, kConstant, kKey, kHeader, kTopic, kTimestamp } kind = Kind::kPath;
  Path path;
  std::string text;  // the constant, or the header's name
  bool LooksAtRow() const { return kind == Kind::kPath && path.LooksAtRow(); }
  bool operator==(const FieldSource&) const = default;
};

// One place where features stand. With several, what they give is merged; of equal names the last wins.
struct FeatureSource {
  enum class Shape : std::uint8_t {
    kObject,   // by name
    kOrder,    // a list in the order of `order`; without one in that of the baseline's columns
    kPairs,    // a list of {name, value}
    kFlatten,  // nested objects and lists, names joined by dots: `card.limit`, `items.0.price`
    kPick      // each from a source of its own
  } shape = Shape::kObject;
  Path path;
  std::vector<std::string> order;
  Path name, value;  // kPairs: within each item
  std::vector<std::pair<std::string, FieldSource>> pick;
  bool operator==(const FeatureSource&) const = default;
};

// Several rows in one message: a list with an item a row, or an object of lists, one a column.
struct RowsSource {
  Path path;
  bool columns = false;
  bool operator==(const RowsSource&) const = default;
};

// Messages (rows, where it looks at the row) for which one of these does not hold are skipped.
struct Condition {
  FieldSource source;
  std::vector<std::string> any_of;  // canonical texts
  bool absent = false;              // also an absent or null value will do
  bool negated = false;
  bool operator==(const Condition&) const = default;
};

// What the values of one feature mean besides themselves; canonical texts.
struct ValueRules {
  std::vector<std::string> missing;                        // stand for no value
  std::map<std::string, std::string, std::less<>> values;  // stand for another one: codes of categories
  bool operator==(const ValueRules&) const = default;
};

struct Mapping {
  // In the order of RecordField, or of a label's fields; nullopt: the field is not there.
  std::vector<std::optional<FieldSource>> fields;
  std::vector<FeatureSource> features;
  std::optional<RowsSource> rows;
  std::optional<FieldSource> row_id;  // labels: the row that the label is of
  std::vector<Condition> where;
  std::vector<Path> decode;                                // texts that hold JSON
  std::map<std::string, std::string, std::less<>> rename;  // feature in the message → feature
  std::optional<TimeFormat> time_format;
  std::map<std::string, ValueRules, std::less<>> rules;  // by feature; "": of all that have none

  // Of records whose fields (`names`, in the order of RecordField) stand where `paths` says, else under their names.
  static Mapping OfPaths(std::span<const std::string_view> names, const std::map<std::string, std::string>& paths);

  bool operator==(const Mapping&) const = default;
  const ValueRules* RulesOf(std::string_view feature) const {
    auto found = rules.find(feature);
    if (found == rules.end()) found = rules.find("");
    return found == rules.end() ? nullptr : &found->second;
  }
  const std::string* Renamed(std::string_view name) const {
    if (rename.empty()) return nullptr;
    const auto found = rename.find(name);
    return found == rename.end() ? nullptr : &found->second;
  }
  // Whether a field, a condition or a picked feature comes from there.
  bool Uses(FieldSource::Kind kind) const;
};

}  // namespace monitor
