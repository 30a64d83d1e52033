#include "monitor/ingest/formats/payload.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "baselines/values/value_text.h"
#include "monitor/ingest/formats/tensors.h"

namespace monitor {
namespace {

using Index = JsonTree::Index;
using Type = JsonReader::Type;

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// One cell and the comma behind it; quotes as in RFC 4180. False at the end of the line.
bool TakeCell(JsonTree& tree, std::string_view& line, bool& more, std::string_view& cell) {
  if (!more) return false;
  if (line.starts_with('"')) {
    std::string text;
    std::size_t at = 1;
    for (; at < line.size(); ++at) {
      if (line[at] != '"') {
        text += line[at];
      } else if (at + 1 < line.size() && line[at + 1] == '"') {
        text += line[at++];
      } else {
        break;
      }
    }
    cell = tree.Keep(std::move(text));
    line.remove_prefix(std::min(line.size(), at + 1));
  } else {
    cell = line.substr(0, line.find(','));
    line.remove_prefix(cell.size());
  }
  more = line.starts_with(',');
  if (more) line.remove_prefix(1);
  return true;
}

std::vector<Index> CsvRows(JsonTree& tree, std::string_view text) {
  std::vector<Index> rows, cells;
  while (!text.empty()) {
    std::string_view line = TakeLine(text);
    if (baselines::Trim(line).empty()) continue;
    cells.clear();
    bool more = true;
    for (std::string_view cell; TakeCell(tree, line, more, cell);) cells.push_back(tree.AddText(cell));
    rows.push_back(tree.AddArray(cells));
  }
  return rows;
}

std::vector<Index> Items(const JsonTree& tree, Index list) {
  std::vector<Index> items;
  for (std::size_t i = 0; i < tree[list].size; ++i) items.push_back(tree.Child(list, i));
  return items;
}

// An object whose members are lists of one length: row i has their items i. Empty: it is none.
std::vector<Index> ColumnRows(JsonTree& tree, Index object) {
  const std::vector<Index> columns = Items(tree, object);
  if (columns.empty()) return {};
  for (const Index column : columns) {
    if (!tree.IsArray(column) || tree[column].size != tree[columns.front()].size) return {};
  }
  std::vector<Index> rows, items;
  for (std::size_t row = 0; row < tree[columns.front()].size; ++row) {
    items.clear();
    for (const Index column : columns) items.push_back(tree.Named(tree.Child(column, row), tree[column].name));
    rows.push_back(tree.AddObject(items));
  }
  return rows;
}

// A list: of rows, or one row of values. Of responses each value is a row of its own.
std::vector<Index> ListRows(const JsonTree& tree, Index list, PayloadSide side) {
  const std::vector<Index> items = Items(tree, list);
  if (side == PayloadSide::kRequest && !items.empty() && tree[items.front()].value.scalar()) return {list};
  return items;
}

// Seldon's {"names": […], "ndarray": [[…]]} or {"names": […], "tensor": {"shape": […], "values": […]}}.
std::vector<Index> SeldonRows(JsonTree& tree, Index data, PayloadSide side) {
  std::vector<Index> rows;
  if (const Index list = tree.Member(data, "ndarray"); tree.IsArray(list)) {
    rows = ListRows(tree, list, side);
  } else if (const Index tensor = tree.Member(data, "tensor"); tree.IsObject(tensor)) {
    const Index shape = tree.Member(tensor, "shape"), values = tree.Member(tensor, "values");
    if (!tree.IsArray(values)) return {};
    const std::string_view text = tree.TextOf(tree.Item(shape, 0));
    std::size_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    const std::vector<Index> items = Items(tree, values);
    if (count == 0 || items.size() % count != 0) count = 1;
    const std::size_t width = items.size() / count;
    for (std::size_t row = 0; row < count; ++row) {
      const auto begin = items.begin() + static_cast<std::ptrdiff_t>(row * width);
      rows.push_back(tree.AddArray({begin, begin + static_cast<std::ptrdiff_t>(width)}));
    }
  }
  const Index names = tree.Member(data, "names");
  if (side == PayloadSide::kResponse || !tree.IsArray(names) || tree[names].size == 0) return rows;
  for (Index& row : rows) {
    if (!tree.IsArray(row) || tree[row].size != tree[names].size) continue;
    std::vector<Index> items = Items(tree, row);
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = tree.Named(items[i], tree.TextOf(tree.Child(names, i)));
    row = tree.AddObject(items);
  }
  return rows;
}

std::vector<Index> ObjectRows(JsonTree& tree, Index object, PayloadSide side) {
  const bool request = side == PayloadSide::kRequest;
  if (const Index list = tree.Member(object, request ? "instances" : "predictions"); tree.IsArray(list))
    return Items(tree, list);
  if (const Index body = tree.Member(object, request ? "inputs" : "outputs"); body != JsonTree::kNone) {
    if (IsTensorList(tree, body)) {
      Index raw = tree.Member(object, request ? "rawInputContents" : "rawOutputContents");
      if (raw == JsonTree::kNone) raw = tree.Member(object, request ? "raw_input_contents" : "raw_output_contents");
      return TensorRows(tree, body, raw);
    }
    if (tree.IsArray(body)) return ListRows(tree, body, side);
    if (tree.IsObject(body)) return ObjectRows(tree, body, side);
  }
  if (const Index data = tree.Member(object, "data"); tree.IsObject(data)) return SeldonRows(tree, data, side);
  if (const Index inner = tree.Member(object, "jsonData"); inner != JsonTree::kNone)
    return PayloadRows(tree, inner, side);
  if (const Index text = tree.Member(object, "strData"); text != JsonTree::kNone)
    return PayloadRows(tree, tree.TextOf(text), side).value_or(std::vector<Index>());
  std::vector<Index> rows = ColumnRows(tree, object);
  if (rows.empty() || tree.Member(object, "features") != JsonTree::kNone) return {object};
  return rows;
}

}  // namespace

std::vector<Index> PayloadRows(JsonTree& tree, Index body, PayloadSide side) {
  if (tree.IsObject(body)) return ObjectRows(tree, body, side);
  if (tree.IsArray(body)) return ListRows(tree, body, side);
  return {body};
}

std::optional<std::vector<Index>> PayloadRows(JsonTree& tree, std::string_view text, PayloadSide side) {
  const std::string_view trimmed = baselines::Trim(text);
  if (!trimmed.starts_with('{') && !trimmed.starts_with('[')) {
    std::vector<Index> rows = CsvRows(tree, trimmed);
    return rows.empty() ? std::nullopt : std::optional(std::move(rows));
  }
  std::optional<Reject> reject;
  if (const Index body = tree.Add(trimmed, reject); body != JsonTree::kNone) return PayloadRows(tree, body, side);
  std::vector<Index> rows;
  for (std::string_view rest = trimmed; !rest.empty();) {
    const std::string_view line = baselines::Trim(TakeLine(rest));
    if (line.empty()) continue;
    const Index row = tree.Add(line, reject);
    if (row == JsonTree::kNone) return std::nullopt;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace monitor
