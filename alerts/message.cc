#include "alerts/message.h"

#include <nlohmann/json.hpp>

#include "alerts/text.h"
#include "alerts/time_text.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxHeadBytes = 7'000;   // everything but the alerts
constexpr std::size_t kMaxAlertBytes = 2'500;  // so that at least the five largest are listed
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
