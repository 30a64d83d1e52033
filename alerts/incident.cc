// What alert_book.h declares beside the book itself: ids, the stored form of incidents, the texts of event types.
#include <array>
#include <nlohmann/json.hpp>

#include "alerts/alert_book.h"
#include "alerts/messages/digest.h"

namespace alerts {

std::string_view Text(IncidentEvent::Type type) {
  constexpr std::array<std::string_view, 6> kTypes{"incident.firing",   "incident.updated", "incident.resolved",
                                                   "retrain.requested", "incident.digest",  "retrain.outcome"};
  return kTypes.at(static_cast<std::size_t>(type));
}

std::string AlertId(const std::string& model, const std::string& variant, const std::string& monitor,
                    std::int64_t step_start_ns) {
  return HexDigest({"alert", model, variant, monitor, std::to_string(step_start_ns)}, 16);
}

std::string IncidentId(const std::string& model, const std::string& variant, Cause cause, std::int64_t step_start_ns,
                       const std::string& first_alert) {
  return HexDigest({"incident", model, variant, Text(cause), std::to_string(step_start_ns), first_alert}, 16);
}

std::string MessageId(const std::string& incident, std::uint64_t transition, const std::string& target) {
  return HexDigest({"message", incident, std::to_string(transition), target}, 32);
}

nlohmann::json ToStored(const Incident& incident) {
  return {{"id", incident.id},
          {"model", incident.model},
          {"version", incident.version},
          {"variant", incident.variant},
          {"cause", Text(incident.cause)},
          {"severity", Text(incident.severity)},
          {"peak", Text(incident.peak)},
          {"began_at_ns", incident.began_at_ns},
          {"opened_at_ns", incident.opened_at_ns},
          {"resolved_at_ns", incident.resolved_at_ns},
          {"transitions", incident.transitions},
          {"summary", incident.summary},
          {"alerts", incident.alerts},
          {"told", incident.told},
          {"told_at_ns", incident.told_at_ns},
          {"withheld", incident.withheld},
          {"news", incident.news.Stored()}};
}

Incident IncidentFromStored(const nlohmann::json& stored) {
  Incident incident;
  stored.at("id").get_to(incident.id);
  stored.at("model").get_to(incident.model);
  stored.at("version").get_to(incident.version);
  stored.at("variant").get_to(incident.variant);
  incident.cause = ParseCause(stored.at("cause").get<std::string>());
  incident.severity = ParseSeverity(stored.at("severity").get<std::string>());
  incident.peak = ParseSeverity(stored.at("peak").get<std::string>());
  stored.at("began_at_ns").get_to(incident.began_at_ns);
  stored.at("opened_at_ns").get_to(incident.opened_at_ns);
  stored.at("resolved_at_ns").get_to(incident.resolved_at_ns);
  stored.at("transitions").get_to(incident.transitions);
  stored.at("summary").get_to(incident.summary);
  stored.at("alerts").get_to(incident.alerts);
  // Older versions stored neither, and told of every incident when it opened.
  incident.told = stored.value("told", true);
  incident.told_at_ns = stored.value("told_at_ns", std::int64_t{0});
  incident.withheld = stored.value("withheld", false);
  if (const auto news = stored.find("news"); news != stored.end()) incident.news = Told::FromStored(*news);
  return incident;
}

}  // namespace alerts
