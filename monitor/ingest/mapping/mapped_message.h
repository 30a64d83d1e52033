// MappedMessage: one message seen through a mapping: its rows, whether they are wanted, and where their fields and
// features stand.
//
// The checks come in the order of Reject. Views live until the next Read or the end of the message. One per decoder;
// not thread-safe. Cost: about 2 ns per byte for the tree and 10 ns per value that is looked up.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/mapping/json_tree.h"
#include "monitor/ingest/mapping/mapping.h"
#include "monitor/ingest/message.h"

namespace monitor {

class MappedMessage {
 public:
  using Found = JsonFields::Found;
  using Index = JsonTree::Index;

  MappedMessage(const Mapping& mapping, std::string_view topic) : mapping_(mapping), topic_(topic) {}

  // Takes the message; without `json` (JsonFields::CheckText has passed it) only what stands around it.
  void Begin(const Message& message) { message_ = message; }
  std::optional<Reject> Read(std::string_view json);

  // After Read: the documents within texts, in the order of Mapping::decode: where the text stands, and what it says.
  // Without a place: there is no such text, or it is no JSON.
  struct Inner {
    const char* at = nullptr;
    std::string_view document;
  };
  const std::vector<Inner>& inner() const { return inner_; }
  // Whether the conditions that do not look at a row hold.
  bool Wanted();
  // nullopt: the rows are not there. 1 without `rows:`.
  std::optional<std::size_t> Rows() const;
  bool WantsRow(std::size_t row);
  bool object() const { return tree_.IsObject(root_); }

  // The value of a source in a row; null where there is none.
  Found Value(const FieldSource& source, std::size_t row);
  // Sources that are no paths need no Read. false: it is a path.
  bool Around(const FieldSource& source, Found& found);
  bool Holds(const Condition& condition, const JsonReader::Value& value);

  // Calls emit(name, found) for every feature of a row, and emit_at(place, found) for those of a list that has no
  // order of its own. `literal(found)`: a value that says which feature another one is. False: none of the places is
  // there, or is what its shape asks for.
  template <class Emit, class EmitAt, class Literal>
  bool Features(std::size_t row, const Emit& emit, const EmitAt& emit_at, const Literal& literal) {
    bool there = false;
    for (const FeatureSource& source : mapping_.features) {
      if (source.shape == FeatureSource::Shape::kPick) {
        for (const auto& [name, from] : source.pick) emit(std::string_view(name), Value(from, row));
        there = there || !tree_[root_].value.scalar();
        continue;
      }
      const bool columns = mapping_.rows && mapping_.rows->columns && source.path.from_row && source.path.steps.empty();
      const Index node = columns ? rows_ : Find(source.path, row);
      if (source.shape == FeatureSource::Shape::kOrder || source.shape == FeatureSource::Shape::kPairs) {
        if (!tree_.IsArray(node)) continue;
      } else if (!tree_.IsObject(node) && !(source.shape == FeatureSource::Shape::kFlatten && tree_.IsArray(node))) {
        continue;
      }
      there = true;
      for (std::size_t i = 0; i < tree_[node].size; ++i) {
        Index child = tree_.Child(node, i);
        const std::string_view name = tree_[child].name;
        if (columns && tree_.IsArray(child)) child = tree_.Item(child, row);
        const Found found = child == JsonTree::kNone ? Found{} : tree_[child].found();
        switch (source.shape) {
          case FeatureSource::Shape::kOrder:
            if (source.order.empty()) {
              emit_at(i, found);
            } else {
              emit(i < source.order.size() ? std::string_view(source.order[i]) : std::string_view(), found);
            }
            break;
          case FeatureSource::Shape::kPairs: {
            const Index key = Step(child, source.name, row), value = Step(child, source.value, row);
            if (key != JsonTree::kNone) literal(tree_[key].found());
            emit(tree_.TextOf(key), value == JsonTree::kNone ? Found{} : tree_[value].found());
            break;
          }
          case FeatureSource::Shape::kFlatten:
            Flatten(child, tree_.IsArray(node) ? std::to_string(i) : std::string(name), 0, emit);
            break;
          default:
            emit(name, found);
            break;
        }
      }
    }
    return there;
  }

 private:
  static constexpr int kMostLevels = 64;  // of flattened objects; deeper ones are one value, which is none

  Index Find(const Path& path, std::size_t row) const;
  Index Step(Index from, const Path& path, std::size_t row) const;
  Inner Decode(const Path& path);

  template <class Emit>
  void Flatten(Index node, const std::string& name, int level, const Emit& emit) {
    if (tree_[node].value.scalar() || level == kMostLevels) {
      emit(std::string_view(name), tree_[node].found());
      return;
    }
    const bool list = tree_.IsArray(node);
    for (std::size_t i = 0; i < tree_[node].size; ++i) {
      const Index child = tree_.Child(node, i);
      std::string longer = name + ".";
      if (list) {
        longer += std::to_string(i);
      } else {
        longer += tree_[child].name;
      }
      Flatten(child, longer, level + 1, emit);
    }
  }

  const Mapping& mapping_;
  std::string_view topic_;
  Message message_;
  JsonTree tree_;
  std::vector<Inner> inner_;
  Index root_ = JsonTree::kNone, rows_ = JsonTree::kNone;
  std::string scratch_, canonical_, timestamp_;
};

}  // namespace monitor
