#include "monitor/ctl/traffic/feature_values.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "baselines/base64.h"
#include "monitor/ingest/formats/payload.h"
#include "monitor/ingest/mapping/mapped_message.h"
#include "monitor/ingest/record_filler.h"

namespace monitor {
namespace {

constexpr std::size_t kTextShown = 60;

std::string Shown(const JsonFields::Found& found) {
  if (found.value.scalar()) {
    std::string scratch;
    return found.value.type == JsonReader::Type::kText ? std::string(JsonReader::Text(found.value, scratch))
                                                       : std::string(found.value.raw);
  }
  return std::string(found.at(), std::min(kTextShown, found.rest.size() + 1));
}

// The flat decoder's paths as the mapping that they are.
Mapping MappingOf(const TopicPlan& plan) {
  if (plan.mapping != nullptr) return *plan.mapping;
  Mapping mapping;
  const auto path = plan.fields.find("features");
  mapping.features.emplace_back().path = *Path::Parse(path == plan.fields.end() ? "features" : path->second);
  mapping.fields.resize(kRecordFieldNames.size());
  return mapping;
}

void Add(std::vector<FeatureValue>& values, const Mapping* mapping, std::string_view name,
         const JsonFields::Found& found) {
  const std::string* const renamed = mapping == nullptr ? nullptr : mapping->Renamed(name);
  values.push_back({renamed == nullptr ? std::string(name) : *renamed, Shown(found)});
}

std::vector<FeatureValue> OfMapped(const TopicPlan& plan, const Message& message) {
  std::vector<FeatureValue> values;
  const Mapping mapping = MappingOf(plan);
  MappedMessage mapped(mapping, plan.topic);
  std::string_view text = message.value;
  mapped.Begin(message);
  if (JsonFields::CheckText(text) || mapped.Read(text) || !mapped.Wanted()) return values;
  const auto emit = [&](std::string_view name, const JsonFields::Found& found) { Add(values, &mapping, name, found); };
  const auto by_place = [](std::size_t, const JsonFields::Found&) {};
  const auto literal = [](const JsonFields::Found&) {};
  const std::size_t rows = mapped.Rows().value_or(0);
  for (std::size_t row = 0; row < rows; ++row) {
    if (mapped.WantsRow(row)) mapped.Features(row, emit, by_place, literal);
  }
  return values;
}

}  // namespace

std::string RequestBody(std::string_view message) {
  const auto line = nlohmann::json::parse(message, nullptr, false);
  const auto capture = line.is_object() ? line.value("captureData", nlohmann::json()) : nlohmann::json();
  if (!capture.is_object()) return std::string(message);
  const auto input = capture.value("endpointInput", nlohmann::json());
  if (!input.is_object() || !input.contains("data") || !input["data"].is_string()) return {};
  std::string data = input["data"];
  return input.value("encoding", nlohmann::json()) == "BASE64" ? baselines::Base64Decode(data).value_or("") : data;
}

std::vector<FeatureValue> FeatureValues(const TopicPlan& plan, const Message& message) {
  if (plan.format == Format::kFlatJson) return OfMapped(plan, message);
  std::vector<FeatureValue> values;
  JsonTree tree;
  const auto rows = PayloadRows(tree, message.value, PayloadSide::kRequest);
  if (!rows) return values;
  for (JsonTree::Index row : *rows) {
    if (const auto inner = tree.Member(row, "features"); tree.IsObject(inner) || tree.IsArray(inner)) row = inner;
    if (!tree.IsObject(row)) continue;
    for (std::size_t i = 0; i < tree[row].size; ++i) {
      const JsonTree::Node& child = tree[tree.Child(row, i)];
      Add(values, plan.mapping.get(), child.name, child.found());
    }
  }
  return values;
}

}  // namespace monitor
