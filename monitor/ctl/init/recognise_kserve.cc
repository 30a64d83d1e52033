// Events of KServe's inference logger, in binary and structured mode.
#include <nlohmann/json.hpp>

#include "baselines/base64.h"
#include "monitor/ctl/init/document.h"
#include "monitor/ctl/init/proposal.h"
#include "monitor/ctl/init/request_bodies.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::string_view kType = "org.kubeflow.serving.inference.";

struct Event {
  std::string type, service, id, body;
};

std::string TextOf(const json& document, const char* name) {
  const json value = document.value(name, json());
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<Event> EventOf(const SampledMessage& message) {
  Event event;
  for (const auto& [name, text] : message.headers) {
    if (name == "ce_type") event.type = text;
    if (name == "ce_inferenceservicename") event.service = text;
    if (name == "ce_id") event.id = text;
  }
  if (event.type.empty()) {
    const json document = DocumentOf(message.value);
    if (!document.is_object() || !document.contains("specversion")) return std::nullopt;
    event = {TextOf(document, "type"), TextOf(document, "inferenceservicename"), TextOf(document, "id"), ""};
    if (document.contains("data_base64")) {
      event.body = baselines::Base64Decode(TextOf(document, "data_base64")).value_or("");
    } else if (document.contains("data")) {
      event.body = document["data"].is_string() ? TextOf(document, "data") : document["data"].dump();
    }
  } else {
    event.body = message.value;
  }
  return event.type.starts_with(kType) ? std::optional(event) : std::nullopt;
}

}  // namespace

std::optional<Proposal> RecogniseKServe(const TopicMaterial& topic) {
  Proposal proposal;
  proposal.format = "kserve";
  proposal.what = "KServe's inference logger";
  std::vector<std::string> bodies;
  std::size_t events = 0, responses = 0;
  for (const SampledMessage& message : topic.messages) {
    const auto event = EventOf(message);
    if (!event) continue;
    ++events;
    if (!event->service.empty()) proposal.model = event->service;
    if (event->type.ends_with("response")) {
      ++responses;
      continue;
    }
    proposal.ids.push_back(event->id);
    bodies.push_back(event->body);
  }
  if (events * 2 < topic.messages.size()) return std::nullopt;
  RemarkOthers(topic.messages.size() - events, topic.messages.size(), "event of KServe", proposal);
  if (responses == 0) {
    proposal.Miss("responses",
                  "only requests are on the topic: name that of the responses with --responses-topic, or "
                  "set `mode: all` in the logger");
  }
  ProposeForBodies(bodies, topic.training, proposal);
  return proposal;
}

}  // namespace monitor
