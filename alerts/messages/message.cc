#include "alerts/messages/message.h"

#include <nlohmann/json.hpp>

#include "alerts/messages/text.h"
#include "alerts/messages/time_text.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxHeadBytes = 7'000;   // everything but the alerts
constexpr std::size_t kMaxAlertBytes = 2'000;  // so that at least the five largest are listed
constexpr std::size_t kMaxIncidentsBytes = 9'000;
constexpr std::size_t kMaxContextBytes = 2'500;
constexpr std::size_t kMaxChangeLength = 150, kMaxCommandLength = 400;
constexpr std::size_t kMaxTextLength = 1'000;  // of one text, where the whole allows it

// `object` with its texts cut until it takes at most `bytes`.
json Fit(const json& object, std::size_t bytes) {
  json fitted = object;
  for (std::size_t length = kMaxTextLength; length > 0; length /= 2) {
    for (auto& [key, value] : fitted.items()) {
      if (value.is_string()) value = Clip(object.at(key).get_ref<const std::string&>(), length);
    }
    if (fitted.dump().size() <= bytes) break;
  }
  return fitted;
}

json OrNull(const std::string& text) { return text.empty() ? json() : json(text); }

// The headline, and what it set in motion.
std::string Sentence(const IncidentEvent& event) {
  std::string sentence = event.summary;
  for (const std::string& line : event.triggered) sentence += (sentence.empty() ? "" : "; ") + line;
  return sentence;
}

// What else a person or a program may want to know: nothing here is needed to act on the message.
json Context(const IncidentEvent& event) {
  const Circumstances& circumstances = event.circumstances;
  json records = json::array(), commands = json::object();
  for (const LogRange& range : circumstances.records) {
    if (records.size() == kMaxListedAlerts) break;
    records.push_back({{"topic", Clip(range.topic, kMaxChangeLength)},
                       {"partition", range.partition},
                       {"from", range.from},
                       {"to", range.to}});
  }
  for (const auto& [name, command] : Commands(event)) commands[name] = Clip(command, kMaxCommandLength);
  if (const auto kcat = KcatLines(circumstances); !kcat.empty())
    commands["records"] = Clip(kcat.front(), kMaxCommandLength);
  json changes = json::array();
  for (const std::string& change : circumstances.changes) {
    if (changes.size() == kMaxListedAlerts) break;
    changes.push_back(Clip(change, kMaxChangeLength));
  }
  json triggered = json::array();
  for (const std::string& line : event.triggered) triggered.push_back(Clip(line, kMaxChangeLength));
  return {{"noticed_at", event.opened_at_ns == 0 ? json() : json(FormatTime(event.opened_at_ns))},
          {"rows", event.alerts.empty() ? json() : json(event.alerts.front().count)},
          {"traffic_share", circumstances.traffic_share ? json(*circumstances.traffic_share) : json()},
          {"changes", changes},
          {"triggered", triggered},
          {"records", records},
          {"commands", commands}};
}

// What became of each incident of a digest, as many as `bytes` hold.
json Incidents(const IncidentEvent& event, std::size_t bytes) {
  json list = json::array();
  for (const IncidentEvent& incident : event.digest) {
    const bool open = incident.type == IncidentEvent::Type::kFiring;
    const json line = Fit({{"incident", incident.incident},
                           {"cause", Text(incident.cause)},
                           {"severity", Text(incident.severity)},
                           {"state", Text(open ? State::kFiring : State::kResolved)},
                           {"variant", incident.variant},
                           {"summary", incident.summary},
                           {"began_at", incident.began_at_ns == 0 ? json() : json(FormatTime(incident.began_at_ns))},
                           {"resolved_at", open ? json() : json(FormatTime(incident.timestamp_ns))}},
                          kMaxAlertBytes);
    const std::size_t size = line.dump().size() + 1;
    if (size > bytes) break;
    bytes -= size;
    list.push_back(line);
  }
  return list;
}

}  // namespace

std::string WebhookBody(const IncidentEvent& event) {
  const json head{{"incident", event.incident},
                  {"model", event.model},
                  {"version", OrNull(event.version)},
                  {"variant", event.variant},
                  {"cause", Text(event.cause)},
                  {"severity", Text(event.severity)},
                  {"summary", Sentence(event)},
                  {"began_at", event.began_at_ns == 0 ? json() : json(FormatTime(event.began_at_ns))},
                  {"owner", OrNull(event.owner)},
                  {"runbook", OrNull(event.runbook)},
                  {"url", OrNull(event.url)},
                  {"likely", OrNull(event.triage.likely)},
                  {"because", OrNull(event.triage.because)},
                  {"else", OrNull(event.triage.otherwise)},
                  {"retrain", event.triage.likely.empty() ? json() : json(event.triage.retrain)}};
  json body{{"type", Text(event.type)}, {"timestamp", FormatTime(event.timestamp_ns)}};
  json& data = body["data"];
  data = Fit(head, kMaxHeadBytes);
  if (event.type == IncidentEvent::Type::kDigest) {
    data["incidents"] = Incidents(event, kMaxIncidentsBytes);
    data["more_incidents"] = event.digest.size() - data["incidents"].size();
  }
  if (json context = Context(event); context.dump().size() <= kMaxContextBytes) data["context"] = std::move(context);
  data["more"] = event.alerts.size();
  json listed = json::array();
  data["alerts"] = listed;
  std::size_t size = body.dump().size();
  for (const Alert& alert : event.alerts) {
    if (listed.size() == kMaxListedAlerts) break;
    json fitted = Fit(ToJson(alert), kMaxAlertBytes);
    size += fitted.dump().size() + 1;
    if (size >= kMaxBodyBytes) break;
    listed.push_back(std::move(fitted));
  }
  data["more"] = event.alerts.size() - listed.size();
  data["alerts"] = std::move(listed);
  return body.dump();
}

}  // namespace alerts
