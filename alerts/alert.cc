#include "alerts/alert.h"

#include <nlohmann/json.hpp>

#include "alerts/messages/time_text.h"

namespace alerts {
namespace {

using nlohmann::json;

json OrNull(const std::string& text) { return text.empty() ? json() : json(text); }
json OrNull(std::int64_t ns) { return ns == 0 ? json() : json(FormatTime(ns)); }
json OrNull(const std::optional<double>& number) { return number ? json(*number) : json(); }

std::optional<double> Number(const json& stored, const char* key) {
  const json& value = stored.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

// What the API shows as it is stored.
json Common(const Alert& alert) {
  return {{"id", alert.id},
          {"model", alert.model},
          {"variant", alert.variant},
          {"monitor", alert.monitor},
          {"cause", Text(alert.cause)},
          {"severity", Text(alert.severity)},
          {"state", Text(alert.state)},
          {"summary", alert.summary},
          {"value", OrNull(alert.value)},
          {"baseline", OrNull(alert.baseline)},
          {"threshold", OrNull(alert.threshold)},
          {"effect", OrNull(alert.effect)},
          {"evidence", OrNull(alert.evidence)},
          {"count", alert.count},
          {"acknowledged", alert.acknowledged},
          {"accepted", alert.accepted},
          {"changes", alert.changes}};
}

}  // namespace

json ToJson(const Alert& alert) {
  json api = Common(alert);
  api.update({{"incident", OrNull(alert.incident)},
              {"version", OrNull(alert.version)},
              {"feature", OrNull(alert.feature)},
              {"began_at", OrNull(alert.began_at_ns)},
              {"started_at", OrNull(alert.started_at_ns)},
              {"resolved_at", OrNull(alert.resolved_at_ns)},
              {"changed_at", OrNull(alert.changed_at_ns)},
              {"stable_since", OrNull(alert.stable_since_ns)},
              {"url", OrNull(alert.url)},
              {"likely", OrNull(alert.triage.likely)},
              {"because", OrNull(alert.triage.because)},
              {"else", OrNull(alert.triage.otherwise)},
              {"retrain", alert.triage.likely.empty() ? json() : json(alert.triage.retrain)}});
  PutChange(alert.change, api);
  return api;
}

json ToStored(const Alert& alert) {
  json stored = Common(alert);
  stored.update({{"incident", alert.incident},
                 {"version", alert.version},
                 {"feature", alert.feature},
                 {"began_at_ns", alert.began_at_ns},
                 {"started_at_ns", alert.started_at_ns},
                 {"resolved_at_ns", alert.resolved_at_ns},
                 {"changed_at_ns", alert.changed_at_ns},
                 {"stable_since_ns", alert.stable_since_ns},
                 {"account", alert.account},
                 {"url", alert.url},
                 {"change", ToStored(alert.change)},
                 {"likely", alert.triage.likely},
                 {"because", alert.triage.because},
                 {"else", alert.triage.otherwise},
                 {"retrain", alert.triage.retrain},
                 {"violated_in_a_row", alert.violated_in_a_row},
                 {"clear_in_a_row", alert.clear_in_a_row}});
  return stored;
}

Alert FromStored(const json& stored) {
  Alert alert;
  stored.at("id").get_to(alert.id);
  stored.at("incident").get_to(alert.incident);
  stored.at("model").get_to(alert.model);
  stored.at("version").get_to(alert.version);
  stored.at("variant").get_to(alert.variant);
  stored.at("monitor").get_to(alert.monitor);
  stored.at("feature").get_to(alert.feature);
  alert.cause = ParseCause(stored.at("cause").get<std::string>());
  alert.severity = ParseSeverity(stored.at("severity").get<std::string>());
  alert.state = ParseState(stored.at("state").get<std::string>());
  stored.at("began_at_ns").get_to(alert.began_at_ns);
  stored.at("started_at_ns").get_to(alert.started_at_ns);
  stored.at("resolved_at_ns").get_to(alert.resolved_at_ns);
  stored.at("summary").get_to(alert.summary);
  alert.value = Number(stored, "value");
  alert.baseline = Number(stored, "baseline");
  alert.threshold = Number(stored, "threshold");
  alert.effect = Number(stored, "effect");
  alert.evidence = Number(stored, "evidence");
  stored.at("count").get_to(alert.count);
  stored.at("acknowledged").get_to(alert.acknowledged);
  // Absent in what older versions stored.
  alert.accepted = stored.value("accepted", false);
  alert.changes = stored.value("changes", 0U);
  alert.changed_at_ns = stored.value("changed_at_ns", std::int64_t{0});
  alert.stable_since_ns = stored.value("stable_since_ns", std::int64_t{0});
  alert.account = stored.value("account", "");
  stored.at("url").get_to(alert.url);
  if (const auto change = stored.find("change"); change != stored.end()) alert.change = ChangeFromStored(*change);
  alert.triage = {stored.value("likely", ""), stored.value("because", ""), stored.value("else", ""),
                  stored.value("retrain", false)};
  stored.at("violated_in_a_row").get_to(alert.violated_in_a_row);
  stored.at("clear_in_a_row").get_to(alert.clear_in_a_row);
  return alert;
}

}  // namespace alerts
