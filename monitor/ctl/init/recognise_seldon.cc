// Seldon Core 1 (told by headers) and 2, Triton and MLServer (tensors of the V2 protocol).
#include <nlohmann/json.hpp>

#include "monitor/ctl/init/document.h"
#include "monitor/ctl/init/proposal.h"
#include "monitor/ctl/init/request_bodies.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::string_view kType = "io.seldon.serving.";

std::string HeaderOf(const SampledMessage& message, std::string_view name) {
  for (const auto& [header, text] : message.headers) {
    if (header == name) return text;
  }
  return {};
}

// The values of the truth that feedback brings, wherever it has them.
void AddScalars(const json& value, std::set<std::string>& values) {
  if (value.is_structured()) {
    for (const json& item : value) AddScalars(item, values);
  } else if (!value.is_null()) {
    values.insert(value.is_string() ? value.get<std::string>() : value.dump());
  }
}

void AddTruth(const json& feedback, std::set<std::string>& values) {
  if (!feedback.is_object() || !feedback.contains("truth") || !feedback["truth"].is_object()) return;
  const json& truth = feedback["truth"];
  const json data = truth.value("data", json::object());
  if (data.is_object() && data.contains("ndarray")) AddScalars(data["ndarray"], values);
  if (data.is_object() && data.contains("tensor")) AddScalars(data["tensor"].value("values", json()), values);
  if (truth.contains("jsonData")) AddScalars(truth["jsonData"], values);
}

bool IsTensors(const json& list) {
  return list.is_array() && !list.empty() && list[0].is_object() && list[0].contains("name") &&
         list[0].contains("datatype");
}

}  // namespace

std::optional<Proposal> RecogniseSeldonV1(const TopicMaterial& topic) {
  Proposal proposal;
  proposal.format = "seldon-v1";
  proposal.what = "Seldon Core 1";
  std::vector<std::string> bodies;
  std::set<std::string> truths;
  std::size_t events = 0, responses = 0, feedback = 0;
  for (const SampledMessage& message : topic.messages) {
    const std::string type = HeaderOf(message, "type");
    if (!type.starts_with(kType)) continue;
    ++events;
    if (const std::string service = HeaderOf(message, "inferenceservicename"); !service.empty())
      proposal.model = service;
    if (type.ends_with("request")) {
      proposal.ids.push_back(HeaderOf(message, "requestid"));
      bodies.push_back(message.value);
    } else if (type.ends_with("feedback")) {
      ++feedback;
      AddTruth(DocumentOf(message.value), truths);
    } else {
      ++responses;
    }
  }
  if (events * 2 < topic.messages.size()) return std::nullopt;
  RemarkOthers(topic.messages.size() - events, topic.messages.size(), "event of Seldon", proposal);
  if (responses == 0) proposal.Miss("responses", "only requests are on the topic: name that of the responses");
  ProposeForBodies(bodies, topic.training, proposal);
  proposal.labels_within = feedback > 0;
  std::map<std::string, std::map<std::string, std::string>> codes;
  const auto& column = topic.training.label ? topic.training.label : topic.training.prediction;
  if (feedback > 0 && column) ProposeCodes(truths, *column, "label", topic.training.positive, codes, proposal);
  AddCodes(codes, proposal);
  return proposal;
}

std::optional<Proposal> RecogniseSeldonV2(const TopicMaterial& topic) {
  Proposal proposal;
  proposal.format = "seldon-v2";
  proposal.what = "V2 inference JSON (Seldon Core 2, Triton, MLServer)";
  std::vector<std::string> bodies;
  std::size_t calls = 0, responses = 0, keyless = 0;
  for (const SampledMessage& message : topic.messages) {
    const json document = DocumentOf(message.value);
    if (!document.is_object()) continue;
    const bool request = IsTensors(document.value("inputs", json())),
               response = IsTensors(document.value("outputs", json()));
    if (request == response) continue;  // neither, or both in one message: that is anybody's JSON
    ++calls;
    if (message.key.empty()) ++keyless;
    if (response) {
      ++responses;
      continue;
    }
    proposal.ids.push_back(message.key);
    bodies.push_back(message.value);
  }
  if (calls * 2 < topic.messages.size()) return std::nullopt;
  RemarkOthers(topic.messages.size() - calls, topic.messages.size(), "inference call", proposal);
  if (responses == 0) {
    proposal.Miss("responses",
                  "only requests are on the topic: name that of the responses with --responses-topic, "
                  "else predictions and scores are not watched and every call waits in vain");
  }
  if (keyless > 0)
    proposal.Miss("format", std::to_string(keyless) + " messages have no key: requests and responses are joined by it");
  ProposeForBodies(bodies, topic.training, proposal);
  return proposal;
}

}  // namespace monitor
