// Topics that are no JSON: Avro or Protobuf behind a schema registry's prefix, bare binary, CSV.
#include <algorithm>
#include <map>

#include "monitor/ctl/init/document.h"
#include "monitor/ctl/init/proposal.h"
#include "monitor/ctl/table.h"
#include "monitor/ingest/avro/schema_prefix.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

bool AllOf(const std::vector<SampledMessage>& messages, bool (*is)(const std::string&)) {
  const auto count = std::ranges::count_if(messages, [&](const SampledMessage& each) { return is(each.value); });
  return static_cast<std::size_t>(count) * 2 > messages.size();
}

bool IsJson(const std::string& value) { return DocumentOf(value).is_structured(); }
bool HasPrefix(const std::string& value) { return HasSchemaPrefix(value); }
bool IsEmpty(const std::string& value) { return value.empty(); }
bool IsText(const std::string& value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
}

}  // namespace

std::optional<Proposal> RecogniseUnreadable(const TopicMaterial& topic) {
  if (AllOf(topic.messages, IsJson)) return std::nullopt;
  Proposal proposal;
  const std::string& newest = topic.messages.back().value;
  if (AllOf(topic.messages, IsEmpty)) {
    proposal.unreadable = "most messages have no value (tombstones of a compacted topic?)";
  } else if (AllOf(topic.messages, HasPrefix)) {
    std::map<std::uint32_t, std::size_t> ids;
    for (const SampledMessage& each : topic.messages) {
      if (HasPrefix(each.value)) ++ids[SchemaId(each.value)];
    }
    std::string list;
    for (const auto& [id, count] : ids) list += (list.empty() ? "" : ", ") + std::to_string(id);
    proposal.unreadable =
        "the messages begin with a schema registry's prefix (schema " + list +
        ") and are no JSON: Avro or Protobuf. Avro needs `format: avro` under `requests` and the registry under "
        "`schema_registry: {url: …}`, or a schema file: \"My topic has Avro\" in the README";
  } else if (!AllOf(topic.messages, IsText)) {
    proposal.unreadable =
        "the messages are binary and have no schema registry's prefix; monitord reads JSON: let the "
        "producer, or a small job beside it, write JSON";
  } else {
    proposal.unreadable = "the messages are text but no JSON; one is: " + CutTo(newest, 100);
  }
  return proposal;
}

}  // namespace monitor
