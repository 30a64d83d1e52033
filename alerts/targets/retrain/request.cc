#include "alerts/targets/retrain/request.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "alerts/messages/message.h"
#include "alerts/messages/time_text.h"

namespace alerts {

RetrainTarget::RetrainTarget(std::string name, Routing routing, std::shared_ptr<HttpClient> http)
    : name_(std::move(name)), routing_(std::move(routing)), http_(std::move(http)) {
  routing_.at_least = Severity::kInfo;
}

bool RetrainTarget::Wants(const IncidentEvent& event) const {
  return event.type == IncidentEvent::Type::kRetrainRequested && Matches(event, routing_);
}

OutboxRow RetrainTarget::RowOf(const nlohmann::json& body) const {
  OutboxRow row;
  row.content_type = "application/json";
  row.body = body.dump();
  return row;
}

std::string RetrainTarget::KeyOf(const IncidentEvent& event) const {
  return MessageId(event.incident, event.transition, name_);
}

nlohmann::json RetrainData(const IncidentEvent& event, const std::string& key) {
  nlohmann::json data = nlohmann::json::parse(WebhookBody(event)).at("data");
  data["retrain"] = key.substr(0, 16);
  return data;
}

std::string TextIn(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string Fill(const std::string& text, const IncidentEvent& event, const std::string& key) {
  const auto value = [&](const std::string& name) -> std::string {
    if (name == "model") return event.model;
    if (name == "version") return event.version;
    if (name == "variant") return event.variant;
    if (name == "cause") return std::string(Text(event.cause));
    if (name == "severity") return std::string(Text(event.severity));
    if (name == "incident") return event.incident;
    if (name == "summary") return event.summary;
    if (name == "began_at") return event.began_at_ns == 0 ? "" : FormatTime(event.began_at_ns);
    if (name == "retrain") return key.substr(0, 16);
    if (name == "evidence") return RetrainData(event, key).dump();
    return "{" + name + "}";
  };
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '{' ? text.find('}', at) : text.npos;
    if (end == text.npos) {
      filled.push_back(text[at++]);
    } else {
      filled += value(text.substr(at + 1, end - at - 1));
      at = end + 1;
    }
  }
  return filled;
}

std::map<std::string, std::string> Fill(const std::map<std::string, std::string>& parameters,
                                        const IncidentEvent& event, const std::string& key) {
  std::map<std::string, std::string> filled;
  for (const auto& [name, text] : parameters) filled[name] = Fill(text, event, key);
  return filled;
}

}  // namespace alerts
