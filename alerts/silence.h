// Silence: alerts that nobody is to be told of for a while, by model, variant, feature and cause. A value; Covers is
// pure and thread-safe.
//
// Times are wall-clock nanoseconds since 1970: a silence is about people, not about the data. Silenced alerts are
// judged, kept and shown as always.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "alerts/alert_book.h"

namespace alerts {

struct Silence {
  std::string id;                      // 16 hex digits
  std::string model;                   // required
  std::optional<std::string> variant;  // absent: all
  std::string feature;                 // empty: all
  std::optional<Cause> cause;          // absent: all
  std::int64_t from_ns = 0, to_ns = 0;
  std::string by, comment;
};

bool Covers(const Silence& silence, const Alert& alert, std::int64_t wall_ns);

// Takes the alerts that `silences` cover now out of `event`, whose headline is then about what is left. False when no
// firing alert is left: the event is not to be told.
bool RemoveSilenced(IncidentEvent& event, const std::vector<Silence>& silences, std::int64_t wall_ns);

nlohmann::json ToJson(
    const Silence& silence);  // the API's shape: id, model, variant, feature, cause, from, to, by, comment
nlohmann::json ToStored(const Silence& silence);
Silence SilenceFromStored(const nlohmann::json& stored);

}  // namespace alerts
