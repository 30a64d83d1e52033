#include "monitor/ingest/mapping/json_tree.h"

namespace monitor {

using Type = JsonReader::Type;

void JsonTree::Clear() {
  nodes_.clear();
  children_.clear();
  kept_.clear();
}

JsonTree::Index JsonTree::Add(std::string_view document, std::optional<Reject>& reject) {
  JsonReader reader(document);
  JsonReader::Value name{Type::kNull, {}, false};
  const Index root = static_cast<Index>(nodes_.size());
  pending_.clear();
  open_.clear();
  bool named = false;
  while (reader.ok()) {
    if (!open_.empty()) {
      Open& top = open_.back();
      const bool more = top.object ? reader.NextMember(name, top.first) : reader.NextElement(top.first);
      if (!reader.ok()) break;
      if (!more) {
        Node& node = nodes_[top.node];
        node.children = static_cast<std::uint32_t>(children_.size());
        node.size = static_cast<std::uint32_t>(pending_.size() - top.pending);
        children_.insert(children_.end(), pending_.begin() + static_cast<std::ptrdiff_t>(top.pending), pending_.end());
        pending_.resize(top.pending);
        open_.pop_back();
        if (open_.empty()) break;
        continue;
      }
      named = top.object;
      pending_.push_back(static_cast<Index>(nodes_.size()));
    }
    const Index index = static_cast<Index>(nodes_.size());
    Node& node = nodes_.emplace_back();
    node.value = reader.Read();
    if (named) {
      node.name = name.escaped ? Keep(std::string(JsonReader::Text(name, kept_.emplace_back()))) : name.raw;
      named = false;
    }
    if (node.value.scalar()) {
      if (open_.empty()) break;
      continue;
    }
    node.rest = reader.rest();
    open_.push_back({index, pending_.size(), node.value.type == Type::kObject, true});
  }
  if (reader.lone_surrogate()) {
    reject = Reject::kEncoding;
  } else if (!reader.ok() || !reader.AtEnd()) {
    reject = Reject::kJson;
  } else {
    return root;
  }
  return kNone;
}

JsonTree::Index JsonTree::AddText(std::string_view kept) { return AddValue({Type::kText, kept, false}); }

JsonTree::Index JsonTree::AddValue(const JsonReader::Value& value) {
  nodes_.emplace_back().value = value;
  return static_cast<Index>(nodes_.size() - 1);
}

JsonTree::Index JsonTree::Named(Index index, std::string_view kept_name) {
  nodes_.push_back(Node(nodes_[index]));
  nodes_.back().name = kept_name;
  return static_cast<Index>(nodes_.size() - 1);
}

JsonTree::Index JsonTree::AddContainer(Type type, const std::vector<Index>& items) {
  Node& node = nodes_.emplace_back();
  node.value.type = type;
  node.children = static_cast<std::uint32_t>(children_.size());
  node.size = static_cast<std::uint32_t>(items.size());
  children_.insert(children_.end(), items.begin(), items.end());
  return static_cast<Index>(nodes_.size() - 1);
}

void JsonTree::Replace(Index index, Index by) {
  const std::string_view name = nodes_[index].name;
  nodes_[index] = nodes_[by];
  nodes_[index].name = name;
}

JsonTree::Index JsonTree::Member(Index object, std::string_view name) const {
  if (!IsObject(object)) return kNone;
  for (std::size_t i = nodes_[object].size; i-- > 0;) {
    const Index child = Child(object, i);
    if (nodes_[child].name == name) return child;
  }
  return kNone;
}

JsonTree::Index JsonTree::Item(Index list, std::size_t i) const {
  return IsArray(list) && i < nodes_[list].size ? Child(list, i) : kNone;
}

std::string_view JsonTree::TextOf(Index index) {
  if (index == kNone) return {};
  const JsonReader::Value& value = nodes_[index].value;
  if (value.type == Type::kText) return value.escaped ? JsonReader::Text(value, kept_.emplace_back()) : value.raw;
  return value.type == Type::kNumber || value.type == Type::kTrue || value.type == Type::kFalse ? value.raw
                                                                                                : std::string_view();
}

}  // namespace monitor
