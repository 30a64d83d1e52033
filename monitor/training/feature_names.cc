#include "monitor/training/feature_names.h"

#include <algorithm>

#include "baselines/base64.h"
#include "monitor/ingest/formats/payload.h"
#include "monitor/ingest/mapping/mapped_message.h"
#include "monitor/ingest/record_filler.h"

namespace monitor {
namespace {

class Names {
 public:
  explicit Names(const Mapping* mapping) : mapping_(mapping) {}

  void Add(std::string_view name) {
    if (name.empty()) return;
    const std::string* const renamed = mapping_ == nullptr ? nullptr : mapping_->Renamed(name);
    std::string meant = renamed == nullptr ? std::string(name) : *renamed;
    if (std::ranges::find(names_, meant) == names_.end()) names_.push_back(std::move(meant));
  }
  void AddPlace(std::size_t place) { Add("_c" + std::to_string(place)); }
  std::vector<std::string> Take() { return std::move(names_); }

 private:
  const Mapping* mapping_;
  std::vector<std::string> names_;
};

void AddFlat(const TopicPlan& plan, std::string_view text, Names& names) {
  JsonFields fields(kRecordFieldNames, plan.fields);
  std::string scratch;
  fields.Read(text, [&](std::size_t field, JsonReader& reader) {
    if (field != kRecordFeatures) return false;
    JsonReader::Value name;
    bool first = true;
    while (reader.NextMember(name, first)) {
      names.Add(JsonReader::Text(name, scratch));
      const JsonReader::Value value = reader.Read();
      if (!value.scalar()) reader.SkipRest(value.type);
    }
    return true;
  });
}

void AddMapped(const TopicPlan& plan, const Message& message, Names& names) {
  MappedMessage mapped(*plan.mapping, plan.topic);
  mapped.Begin(message);
  std::string_view text = message.value;
  if (JsonFields::CheckText(text) || mapped.Read(text)) return;
  const std::size_t rows = mapped.Rows().value_or(0);
  for (std::size_t row = 0; row < rows; ++row) {
    mapped.Features(
        row, [&](std::string_view name, const JsonFields::Found&) { names.Add(name); },
        [&](std::size_t place, const JsonFields::Found&) { names.AddPlace(place); }, [](const JsonFields::Found&) {});
  }
}

// The request within a line of data capture.
std::vector<std::string> OfCapture(const TopicPlan& plan, std::string_view text) {
  JsonTree tree;
  auto reject = JsonFields::CheckText(text);
  const JsonTree::Index root = reject ? JsonTree::kNone : tree.Add(text, reject);
  if (reject) return {};
  const JsonTree::Index input = tree.Member(tree.Member(root, "captureData"), "endpointInput");
  const JsonTree::Index data = tree.Member(input, "data");
  if (data == JsonTree::kNone) return {};
  if (tree.TextOf(tree.Member(input, "encoding")) != "BASE64") return FeatureNamesOfRequest(plan, tree.TextOf(data));
  const auto decoded = baselines::Base64Decode(tree.TextOf(data));
  return decoded ? FeatureNamesOfRequest(plan, *decoded) : std::vector<std::string>();
}

}  // namespace

std::vector<std::string> FeatureNames(const TopicPlan& plan, const Message& message) {
  if (plan.format == Format::kSageMaker) return OfCapture(plan, message.value);
  Names names(plan.mapping.get());
  if (plan.mapping != nullptr) {
    AddMapped(plan, message, names);
  } else {
    AddFlat(plan, message.value, names);
  }
  return names.Take();
}

std::vector<std::string> FeatureNamesOfRequest(const TopicPlan& plan, std::string_view payload) {
  Names names(plan.mapping.get());
  JsonTree tree;
  const auto rows = PayloadRows(tree, payload, PayloadSide::kRequest);
  if (!rows) return {};
  const bool ordered = plan.mapping != nullptr && !plan.mapping->features.empty();
  for (JsonTree::Index row : *rows) {
    if (const auto inner = tree.Member(row, "features"); tree.IsObject(inner) || tree.IsArray(inner)) row = inner;
    for (std::size_t i = 0; (tree.IsObject(row) || tree.IsArray(row)) && i < tree[row].size; ++i) {
      if (tree.IsObject(row)) {
        names.Add(tree[tree.Child(row, i)].name);
      } else if (!ordered) {
        names.AddPlace(i);
      } else if (const auto& order = plan.mapping->features.front().order; i < order.size()) {
        names.Add(order[i]);
      }
    }
  }
  return names.Take();
}

}  // namespace monitor
