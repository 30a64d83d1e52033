// What a trial found, for people and for programs. Pure functions.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "monitor/ctl/traffic/trial.h"

namespace monitor {

// Whether every record was understood and every feature of the baseline is in the traffic.
bool Understood(const Trial& trial);

// Records and why some are rejected, features, ids, times, labels.
std::string TrialText(const Trial& trial, const ModelConfig& model);
// Records as they are written, and as they are counted.
std::string ShownText(const Trial& trial);
// How far the traffic is from the baseline, the largest effect first.
std::string TrialDriftText(const Trial& trial);

// {"messages","counted","late","rejected","skipped","duplicates","rejects":[{"reason","count","sample","hint"}],
//  "features":[{"name","matched","missing","type_faults","unseen","effect","effect_low","effect_high","verdict"}],
//  "extra":[{"name","records","example"}],"with_id","skew_seconds","disordered","labels"}
nlohmann::json TrialJson(const Trial& trial);

}  // namespace monitor
