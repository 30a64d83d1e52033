#include "monitor/ingest/formats/tensors.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

#include "baselines/base64.h"

namespace monitor {
namespace {

using Index = JsonTree::Index;
using Type = JsonReader::Type;

Index Null(JsonTree& tree) { return tree.AddValue({Type::kNull, {}, false}); }

template <class Number>
void TakeNumbers(JsonTree& tree, std::string_view bytes, std::vector<Index>& values) {
  for (; bytes.size() >= sizeof(Number); bytes.remove_prefix(sizeof(Number))) {
    Number number{};
    std::memcpy(&number, bytes.data(), sizeof number);
    if constexpr (std::is_floating_point_v<Number>) {
      if (!std::isfinite(number)) {
        values.push_back(Null(tree));
        continue;
      }
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    values.push_back(tree.AddValue({Type::kNumber, tree.Keep(std::string(text, end)), false}));
  }
}

void TakeTexts(JsonTree& tree, std::string_view bytes, std::vector<Index>& values) {
  while (bytes.size() >= 4) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data(), 4);
    bytes.remove_prefix(4);
    if (length > bytes.size()) return;
    values.push_back(tree.AddText(tree.Keep(std::string(bytes.substr(0, length)))));
    bytes.remove_prefix(length);
  }
}

std::vector<Index> RawValues(JsonTree& tree, std::string_view type, std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::vector<Index> values;
  if (type == "FP64") TakeNumbers<double>(tree, bytes, values);
  if (type == "FP32") TakeNumbers<float>(tree, bytes, values);
  if (type == "INT64") TakeNumbers<std::int64_t>(tree, bytes, values);
  if (type == "INT32") TakeNumbers<std::int32_t>(tree, bytes, values);
  if (type == "INT16") TakeNumbers<std::int16_t>(tree, bytes, values);
  if (type == "INT8") TakeNumbers<std::int8_t>(tree, bytes, values);
  if (type == "UINT64") TakeNumbers<std::uint64_t>(tree, bytes, values);
  if (type == "UINT32") TakeNumbers<std::uint32_t>(tree, bytes, values);
  if (type == "UINT16") TakeNumbers<std::uint16_t>(tree, bytes, values);
  if (type == "UINT8" || type == "BOOL") TakeNumbers<std::uint8_t>(tree, bytes, values);
  if (type == "BYTES") TakeTexts(tree, bytes, values);
  return values;
}

// The values below a list, in the order of the text: `data` may be nested as the shape is.
void TakeItems(JsonTree& tree, Index list, std::vector<Index>& values) {
  std::vector<std::pair<Index, std::size_t>> open{{list, 0}};
  while (!open.empty()) {
    auto& [node, next] = open.back();
    if (next == tree[node].size) {
      open.pop_back();
      continue;
    }
    const Index child = tree.Child(node, next++);
    if (tree.IsArray(child)) {
      open.emplace_back(child, 0);
    } else {
      values.push_back(child);
    }
  }
}

// Typed contents, as in {"fp64Contents": […]}; only bytes are written in base64.
std::vector<Index> ContentValues(JsonTree& tree, Index contents) {
  std::vector<Index> values;
  for (std::size_t i = 0; i < tree[contents].size; ++i) {
    const Index list = tree.Child(contents, i);
    if (!tree.IsArray(list) || tree[list].size == 0) continue;
    TakeItems(tree, list, values);
    if (!tree[list].name.starts_with("bytes")) return values;
    for (Index& value : values) {
      auto bytes = baselines::Base64Decode(tree.TextOf(value));
      value = bytes ? tree.AddText(tree.Keep(std::move(*bytes))) : Null(tree);
    }
    return values;
  }
  return values;
}

std::vector<Index> ValuesOf(JsonTree& tree, Index tensor, Index raw, std::size_t number) {
  if (const Index bytes = tree.Item(raw, number); bytes != JsonTree::kNone) {
    const auto decoded = baselines::Base64Decode(tree.TextOf(bytes));
    const Index type = tree.Member(tensor, "datatype");
    if (decoded) return RawValues(tree, tree.TextOf(type), *decoded);
  }
  if (const Index contents = tree.Member(tensor, "contents"); tree.IsObject(contents))
    return ContentValues(tree, contents);
  std::vector<Index> values;
  if (const Index data = tree.Member(tensor, "data"); tree.IsArray(data)) TakeItems(tree, data, values);
  return values;
}

// How many rows the shape says; its numbers may be written as texts. 1 where there is no shape.
std::size_t RowsOfShape(JsonTree& tree, Index tensor) {
  const std::string_view text = tree.TextOf(tree.Item(tree.Member(tensor, "shape"), 0));
  std::size_t rows = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), rows);
  return fault == std::errc() && rows > 0 ? rows : 1;
}

}  // namespace

bool IsTensorList(const JsonTree& tree, Index list) {
  return tree.IsArray(list) && tree[list].size > 0 && tree.Member(tree.Child(list, 0), "datatype") != JsonTree::kNone;
}

std::vector<Index> TensorRows(JsonTree& tree, Index tensors, Index raw) {
  struct Tensor {
    std::string_view name;
    std::vector<Index> values;
    std::size_t width = 0;  // of a row
  };
  std::vector<Tensor> read;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < tree[tensors].size; ++i) {
    const Index node = tree.Child(tensors, i);
    Tensor tensor{tree.TextOf(tree.Member(node, "name")), ValuesOf(tree, node, raw, i), 0};
    const std::size_t own_rows = std::min(RowsOfShape(tree, node), std::max<std::size_t>(1, tensor.values.size()));
    tensor.width = tensor.values.size() / own_rows;
    rows = std::max(rows, own_rows);
    read.push_back(std::move(tensor));
  }
  std::vector<Index> nodes;
  std::vector<Index> items;
  for (std::size_t row = 0; row < rows; ++row) {
    items.clear();
    for (const Tensor& tensor : read) {
      for (std::size_t i = 0; i < tensor.width && row * tensor.width + i < tensor.values.size(); ++i) {
        const Index value = tensor.values[row * tensor.width + i];
        const bool alone = tensor.width == 1;
        items.push_back(
            tree.Named(value, alone ? tensor.name : tree.Keep(std::string(tensor.name) + "." + std::to_string(i))));
      }
    }
    nodes.push_back(read.size() == 1 && read[0].width > 1 ? tree.AddArray(items) : tree.AddObject(items));
  }
  return nodes;
}

}  // namespace monitor
