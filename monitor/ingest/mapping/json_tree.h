// JsonTree: the JSON documents of one message as nodes in one array, for mappings that look for values anywhere.
//
// Reads as strictly as JsonReader, whose values it keeps: views into the message, or into texts that the tree keeps for
// documents within texts. Everything lives until Clear. Allocates nothing in steady state but for kept texts. Cost:
// about 2 ns per byte.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/json/json_fields.h"
#include "monitor/ingest/json/json_reader.h"
#include "monitor/ingest/reject.h"

namespace monitor {

class JsonTree {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;

  struct Node {
    JsonReader::Value value;
    std::string_view name;  // of a member, without escapes
    std::string_view rest;  // behind the bracket
    std::uint32_t children = 0, size = 0;
    JsonFields::Found found() const { return {value, rest}; }
  };

  void Clear();
  // Adds a document; its bytes must live until Clear. kNone: it is no JSON, or has a lone surrogate; `reject` says
  // which.
  Index Add(std::string_view document, std::optional<Reject>& reject);
  // Nodes that stand in no document.
  Index AddText(std::string_view kept);
  Index AddValue(const JsonReader::Value& value);
  Index AddArray(const std::vector<Index>& items) { return AddContainer(JsonReader::Type::kArray, items); }
  Index AddObject(const std::vector<Index>& members) { return AddContainer(JsonReader::Type::kObject, members); }
  Index Named(Index node, std::string_view kept_name);  // a copy under another name
  // Puts another node in the place of one.
  void Replace(Index index, Index by);

  const Node& operator[](Index index) const { return nodes_[index]; }
  bool IsObject(Index index) const { return index != kNone && nodes_[index].value.type == JsonReader::Type::kObject; }
  bool IsArray(Index index) const { return index != kNone && nodes_[index].value.type == JsonReader::Type::kArray; }
  Index Child(Index container, std::size_t i) const { return children_[nodes_[container].children + i]; }
  // kNone: it is no object and has no such member, no list and has no such item. Of equal names the last one.
  Index Member(Index object, std::string_view name) const;
  Index Item(Index list, std::size_t i) const;

  // A text that lives until Clear.
  std::string_view Keep(std::string text) { return kept_.emplace_back(std::move(text)); }
  // The text of a node: unescaped text, digits, true, false; empty otherwise.
  std::string_view TextOf(Index index);

 private:
  Index AddContainer(JsonReader::Type type, const std::vector<Index>& items);

  struct Open {
    Index node;
    std::size_t pending;
    bool object, first;
  };

  std::vector<Node> nodes_;
  std::vector<Index> children_;
  std::vector<Index> pending_;  // children of the open containers
  std::vector<Open> open_;
  std::deque<std::string> kept_;
};

}  // namespace monitor
