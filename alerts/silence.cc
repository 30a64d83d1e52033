#include "alerts/silence.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "alerts/messages/headline.h"
#include "alerts/messages/time_text.h"

namespace alerts {
namespace {

using nlohmann::json;

json OrNull(const std::string& text) { return text.empty() ? json() : json(text); }

}  // namespace

bool Covers(const Silence& silence, const Alert& alert, std::int64_t wall_ns) {
  return silence.from_ns <= wall_ns && wall_ns < silence.to_ns && silence.model == alert.model &&
         (!silence.variant || *silence.variant == alert.variant) &&
         (silence.feature.empty() || silence.feature == alert.feature) &&
         (!silence.cause || *silence.cause == alert.cause);
}

bool RemoveSilenced(IncidentEvent& event, const std::vector<Silence>& silences, std::int64_t wall_ns) {
  const std::size_t before = event.alerts.size();
  std::erase_if(event.alerts, [&](const Alert& alert) {
    return std::any_of(silences.begin(), silences.end(),
                       [&](const Silence& silence) { return Covers(silence, alert, wall_ns); });
  });
  const bool any_fires = std::any_of(event.alerts.begin(), event.alerts.end(),
                                     [](const Alert& alert) { return alert.state == State::kFiring; });
  if (any_fires && event.alerts.size() != before) event.summary = Headline(event);
  return any_fires;
}

json ToJson(const Silence& silence) {
  return {{"id", silence.id},
          {"model", silence.model},
          {"variant", silence.variant ? json(*silence.variant) : json()},
          {"feature", OrNull(silence.feature)},
          {"cause", silence.cause ? json(Text(*silence.cause)) : json()},
          {"from", FormatTime(silence.from_ns)},
          {"to", FormatTime(silence.to_ns)},
          {"by", OrNull(silence.by)},
          {"comment", OrNull(silence.comment)}};
}

json ToStored(const Silence& silence) {
  json stored = ToJson(silence);
  stored["from"] = silence.from_ns;
  stored["to"] = silence.to_ns;
  return stored;
}

Silence SilenceFromStored(const json& stored) {
  const auto text = [&stored](const char* key) {
    return stored.at(key).is_null() ? std::string() : stored.at(key).get<std::string>();
  };
  Silence silence;
  silence.id = text("id");
  silence.model = text("model");
  if (!stored.at("variant").is_null()) silence.variant = text("variant");
  silence.feature = text("feature");
  if (!stored.at("cause").is_null()) silence.cause = ParseCause(text("cause"));
  stored.at("from").get_to(silence.from_ns);
  stored.at("to").get_to(silence.to_ns);
  silence.by = text("by");
  silence.comment = text("comment");
  return silence;
}

}  // namespace alerts
