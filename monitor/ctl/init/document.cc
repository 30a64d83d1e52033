#include "monitor/ctl/init/document.h"

#include "monitor/ingest/mapping/json_tree.h"

namespace monitor {
namespace {

using nlohmann::json;
using Type = JsonReader::Type;

json ToJson(JsonTree& tree, JsonTree::Index index) {
  const JsonTree::Node node = tree[index];
  switch (node.value.type) {
    case Type::kTrue:
      return true;
    case Type::kFalse:
      return false;
    case Type::kText:
      return std::string(tree.TextOf(index));
    case Type::kNumber:
      return json::parse(node.value.raw, nullptr, false);
    case Type::kArray: {
      json list = json::array();
      for (std::size_t i = 0; i < node.size; ++i) list.push_back(ToJson(tree, tree.Child(index, i)));
      return list;
    }
    case Type::kObject: {
      json object = json::object();
      for (std::size_t i = 0; i < node.size; ++i) {
        const JsonTree::Index child = tree.Child(index, i);
        object[std::string(tree[child].name)] = ToJson(tree, child);
      }
      return object;
    }
    default:
      return nullptr;
  }
}

}  // namespace

json DocumentOf(std::string_view text) {
  JsonTree tree;
  auto reject = JsonFields::CheckText(text);
  const JsonTree::Index root = reject ? JsonTree::kNone : tree.Add(text, reject);
  return reject || root == JsonTree::kNone ? json(json::value_t::discarded) : ToJson(tree, root);
}

}  // namespace monitor
