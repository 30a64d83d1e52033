#include "monitor/ingest/mapping/mapped_message.h"

#include <simdjson.h>

#include <algorithm>

#include "baselines/values/value_text.h"

namespace monitor {
namespace {

using Type = JsonReader::Type;

JsonFields::Found Text(std::string_view text) { return {{Type::kText, text, false}, {}}; }

}  // namespace

std::optional<Reject> MappedMessage::Read(std::string_view json) {
  tree_.Clear();
  rows_ = JsonTree::kNone;
  std::optional<Reject> reject;
  root_ = tree_.Add(json, reject);
  if (reject) return reject;
  inner_.clear();
  for (const Path& path : mapping_.decode) inner_.push_back(Decode(path));
  if (mapping_.rows) rows_ = Find(mapping_.rows->path, 0);
  return std::nullopt;
}

// A text that is no JSON stays what it is: a value of the wrong kind, told as such where it is used.
MappedMessage::Inner MappedMessage::Decode(const Path& path) {
  const JsonTree::Index index = Find(path, 0);
  if (index == JsonTree::kNone || tree_[index].value.type != Type::kText) return {};
  std::optional<Reject> reject;
  const Inner inner{tree_[index].value.raw.data(), tree_.TextOf(index)};
  const JsonTree::Index root = tree_.Add(inner.document, reject);
  if (root == JsonTree::kNone) return {};
  tree_.Replace(index, root);
  return inner;
}

JsonTree::Index MappedMessage::Find(const Path& path, std::size_t row) const {
  if (!path.from_row) return Step(root_, path, row);
  if (!mapping_.rows) return JsonTree::kNone;
  if (!mapping_.rows->columns) return Step(tree_.Item(rows_, row), path, row);
  // Of an object of columns: the item of the row, and from there on as usual.
  if (path.steps.empty() || path.steps.front().kind != Path::Step::Kind::kName) return JsonTree::kNone;
  const Index column = tree_.Member(rows_, path.steps.front().name);
  Path rest;
  rest.steps.assign(path.steps.begin() + 1, path.steps.end());
  return Step(tree_.IsArray(column) ? tree_.Item(column, row) : column, rest, row);
}

JsonTree::Index MappedMessage::Step(Index from, const Path& path, std::size_t row) const {
  for (const Path::Step& step : path.steps) {
    if (from == JsonTree::kNone) return from;
    switch (step.kind) {
      case Path::Step::Kind::kName:
        from = tree_.Member(from, step.name);
        break;
      case Path::Step::Kind::kIndex:
        from = tree_.Item(from, step.index);
        break;
      case Path::Step::Kind::kRow:
        from = tree_.Item(from, row);
        break;
    }
  }
  return from;
}

std::optional<std::size_t> MappedMessage::Rows() const {
  if (!mapping_.rows) return 1;
  if (!mapping_.rows->columns)
    return tree_.IsArray(rows_) ? std::optional<std::size_t>(tree_[rows_].size) : std::nullopt;
  if (!tree_.IsObject(rows_)) return std::nullopt;
  std::size_t most = 0;
  for (std::size_t i = 0; i < tree_[rows_].size; ++i) {
    const Index column = tree_.Child(rows_, i);
    if (tree_.IsArray(column)) most = std::max<std::size_t>(most, tree_[column].size);
  }
  return most;
}

bool MappedMessage::Around(const FieldSource& source, Found& found) {
  found = {};
  switch (source.kind) {
    case FieldSource::Kind::kPath:
      return false;
    case FieldSource::Kind::kConstant:
      found = Text(source.text);
      return true;
    case FieldSource::Kind::kTopic:
      found = Text(topic_);
      return true;
    case FieldSource::Kind::kKey:
      // A key of bytes is no text that an id could be compared with.
      if (!message_.key.empty() && simdjson::validate_utf8(message_.key.data(), message_.key.size()))
        found = Text(message_.key);
      return true;
    case FieldSource::Kind::kHeader: {
      const Header* const header = message_.Find(source.text);
      if (header != nullptr && simdjson::validate_utf8(header->value.data(), header->value.size()))
        found = Text(header->value);
      return true;
    }
    case FieldSource::Kind::kTimestamp:
      if (message_.timestamp_ns) {
        timestamp_ = std::to_string(*message_.timestamp_ns / 1'000'000);
        found = {{Type::kNumber, timestamp_, false}, {}};
      }
      return true;
  }
  return true;
}

MappedMessage::Found MappedMessage::Value(const FieldSource& source, std::size_t row) {
  Found found;
  if (Around(source, found)) return found;
  const Index index = Find(source.path, row);
  return index == JsonTree::kNone ? Found{} : tree_[index].found();
}

bool MappedMessage::Holds(const Condition& condition, const JsonReader::Value& value) {
  bool holds = false;
  if (value.type == Type::kNull) {
    holds = condition.absent;
  } else if (value.scalar()) {
    const std::string_view text =
        value.type == Type::kText ? baselines::Trim(JsonReader::Text(value, scratch_)) : value.raw;
    holds = std::ranges::find(condition.any_of, baselines::CanonicalText(text, canonical_)) != condition.any_of.end();
  }
  return holds != condition.negated;
}

bool MappedMessage::Wanted() {
  return std::ranges::all_of(mapping_.where, [this](const Condition& condition) {
    return condition.source.LooksAtRow() || Holds(condition, Value(condition.source, 0).value);
  });
}

bool MappedMessage::WantsRow(std::size_t row) {
  return std::ranges::all_of(mapping_.where, [this, row](const Condition& condition) {
    return !condition.source.LooksAtRow() || Holds(condition, Value(condition.source, row).value);
  });
}

}  // namespace monitor
