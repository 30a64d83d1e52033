// SageMaker data capture, and its ground truth.
#include <nlohmann/json.hpp>

#include "monitor/ctl/init/document.h"
#include "monitor/ctl/init/proposal.h"
#include "monitor/ctl/init/request_bodies.h"
#include "monitor/ctl/traffic/feature_values.h"
#include "monitor/ingest/formats/capture_decoder.h"
#include "monitor/ingest/mapping/json_tree.h"

namespace monitor {
namespace {

using nlohmann::json;

// The text at a/b, or nothing.
std::string TextAt(const json& document, const char* object, const char* name) {
  if (!document.contains(object) || !document[object].is_object()) return {};
  const json& value = document[object].value(name, json());
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool HasBoth(const json& document, const char* one, const char* other) {
  return document.is_object() && document.contains(one) && document.contains(other);
}

}  // namespace

std::optional<Proposal> RecogniseSageMaker(const TopicMaterial& topic) {
  std::size_t captures = 0, with_request = 0;
  Proposal proposal;
  proposal.format = "sagemaker";
  proposal.what = "SageMaker data capture";
  std::vector<std::string> bodies;
  for (const SampledMessage& message : topic.messages) {
    const json document = DocumentOf(message.value);
    if (!HasBoth(document, "captureData", "eventMetadata")) continue;
    ++captures;
    const std::string id = TextAt(document, "eventMetadata", "inferenceId");
    proposal.ids.push_back(id.empty() ? TextAt(document, "eventMetadata", "eventId") : id);
    std::string body = RequestBody(message.value);
    if (body.empty()) continue;
    ++with_request;
    bodies.push_back(std::move(body));
  }
  if (captures * 2 < topic.messages.size()) return std::nullopt;
  RemarkOthers(topic.messages.size() - captures, topic.messages.size(), proposal.what, proposal);
  if (with_request == 0) {
    proposal.Miss("format",
                  "no capture has endpointInput, so no features are watched: switch `Input` on in the "
                  "endpoint's CaptureOptions");
  }
  ProposeForBodies(bodies, topic.training, proposal);
  return proposal;
}

std::optional<Proposal> RecogniseGroundTruth(const TopicMaterial& topic) {
  std::size_t lines = 0;
  std::set<std::string> values;
  for (const SampledMessage& message : topic.messages) {
    JsonTree tree;
    std::optional<Reject> reject;
    const auto root = tree.Add(message.value, reject);
    const auto truth = reject ? std::nullopt : ReadGroundTruth(tree, root);
    if (!truth) continue;
    ++lines;
    if (truth->label.scalar()) values.insert(std::string(truth->label.raw));
  }
  if (lines * 2 < topic.messages.size()) return std::nullopt;
  Proposal proposal;
  proposal.format = "sagemaker-ground-truth";
  proposal.what = "SageMaker ground truth";
  RemarkOthers(topic.messages.size() - lines, topic.messages.size(), proposal.what, proposal);
  std::map<std::string, std::map<std::string, std::string>> codes;
  const auto& column = topic.training.label ? topic.training.label : topic.training.prediction;
  if (column) ProposeCodes(values, *column, "label", topic.training.positive, codes, proposal);
  AddCodes(codes, proposal);
  return proposal;
}

}  // namespace monitor
