// What the API answers from the committed snapshot, and how its query parameters are read. Pure functions, thread-safe.
//
// Shapes are those of ARCHITECTURE 7: times RFC 3339 UTC, null for what is unknown. Lists of the past come from
// store/history.h.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "monitor/judge/snapshot.h"
#include "monitor/serve/learning_progress.h"
#include "monitor/store/history.h"

namespace monitor {

// A request that cannot be answered as asked: the message goes to the client with status 400.
class BadRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string_view Text(Health health);   // ok, behind, stalled, no_data
std::string_view Text(ModelMood mood);  // ok, calibrating, warning, alarm

// {"models":[…]}; rejects of no model are the last one, named "".
nlohmann::json ModelsJson(const Snapshot& snapshot);
// Models that still learn their baseline: of the same shape, with `learning`, which is null in all others but those
// that learn the parts that theirs lacks (`learning.parts`).
void AddLearning(const std::vector<LearningProgress>& learning, nlohmann::json& models);

// What became of a model's labels.
nlohmann::json LabelsJson(const LabelCounters& counters);

// model, version, variant, feature; from and to (RFC 3339, or a number: seconds below 1e11, else milliseconds); limit
// (1 … 100,000). Parameters of other names are ignored. Throws BadRequest.
HistoryQuery ParseHistoryQuery(const std::multimap<std::string, std::string>& parameters);

// {"error": message}
nlohmann::json ErrorJson(const std::string& message);

// The text of an answer: bytes that are no UTF-8 become U+FFFD.
std::string Dump(const nlohmann::json& answer);

}  // namespace monitor
