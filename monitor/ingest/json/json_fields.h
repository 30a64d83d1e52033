// JsonFields: validates one JSON message as a whole and remembers where the wanted fields (dotted paths) stand in it.
//
// The checks come in the order of Reject: empty, encoding, json. Of equal keys the last wins. Found values are views
// into the message and live until the next Read or the end of the message. One per thread. Cost: about 1 ns per byte.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/json/json_reader.h"
#include "monitor/ingest/reject.h"

namespace monitor {

class JsonFields {
 public:
  struct Found {
    JsonReader::Value value{JsonReader::Type::kNull, {}, false};
    std::string_view rest{};         // from behind the bracket on, for objects and lists
    std::optional<double> number{};  // what the digits are, where the reader found out
    // Where it begins (ScalarUse::at); nullptr: it is not there.
    const char* at() const { return value.scalar() ? value.raw.data() : rest.data() - 1; }
  };

  // Field i is looked for under names[i], or under the path that `mapped` has for it.
  JsonFields(std::span<const std::string_view> names, const std::map<std::string, std::string>& mapped);

  // `on_object(field, reader)` is called behind the bracket of an object that is a field's value: it reads the object
  // to its end and returns true, or returns false and leaves it.
  template <class OnObject>
  std::optional<Reject> Read(std::string_view message, const OnObject& on_object) {
    Clear(false);
    if (const auto reject = CheckText(message)) return reject;
    return ReadChecked(message, on_object);
  }

  // The two halves of Read. CheckText cuts off a byte order mark, and a schema registry's prefix in front of an object;
  // ReadChecked begins with nothing found.
  static std::optional<Reject> CheckText(std::string_view& message);
  template <class OnObject>
  std::optional<Reject> ReadChecked(std::string_view message, const OnObject& on_object) {
    Clear(false);
    JsonReader reader(message);
    const JsonReader::Value root = reader.Read();
    if (root.type == JsonReader::Type::kObject) {
      object_ = true;
      ReadObject(reader, root_, on_object);
    } else if (root.type == JsonReader::Type::kArray) {
      reader.SkipRest(root.type);
    }
    if (reader.lone_surrogate()) return Reject::kEncoding;
    if (!reader.ok() || !reader.AtEnd()) return Reject::kJson;
    return std::nullopt;
  }

  // For who reads the message in another way: nothing found yet, then field by field.
  void Clear(bool object) {
    for (Found& found : found_) found = {};
    object_ = object;
  }
  void Set(std::size_t field, const Found& found) { found_[field] = found; }

  std::size_t size() const { return found_.size(); }
  const Found& operator[](std::size_t field) const { return found_[field]; }
  std::span<const Found> found() const { return found_; }
  bool object() const { return object_; }  // the message is an object

 private:
  // Paths as a tree; a node is a field, or leads to deeper ones, or both.
  struct Node {
    std::string name;
    int field = -1;
    std::vector<Node> children;
  };

  void AddPath(std::string_view path, int field);

  template <class OnObject>
  void ReadObject(JsonReader& reader, const Node& node, const OnObject& on_object) {
    JsonReader::Value name;
    bool first = true;
    while (reader.NextMember(name, first)) {
      const std::string_view key = reader.Text(name, scratch_);
      const Node* child = nullptr;
      for (const Node& candidate : node.children) {
        if (candidate.name == key) {
          child = &candidate;
          break;
        }
      }
      const JsonReader::Value value = reader.Read();
      if (child != nullptr && child->field >= 0)
        found_[static_cast<std::size_t>(child->field)] = {value, reader.rest()};
      if (value.type == JsonReader::Type::kObject && child != nullptr) {
        if (child->field >= 0 && on_object(static_cast<std::size_t>(child->field), reader)) continue;
        if (!child->children.empty()) {
          ReadObject(reader, *child, on_object);
          continue;
        }
      }
      if (!value.scalar()) reader.SkipRest(value.type);
    }
  }

  Node root_;
  std::vector<Found> found_;
  bool object_ = false;
  std::string scratch_;
};

}  // namespace monitor
