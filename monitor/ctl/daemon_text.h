// The answers of the daemon as tables for people: at most 120 columns, times in UTC. Pure functions of the API's JSON.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace monitor {

// One paragraph per model: state, reading, newest window, open alerts. `ready`: the words of /readyz.
std::string StatusText(const nlohmann::json& models, const nlohmann::json& alerts, const std::string& ready);
std::string ModelsText(const nlohmann::json& models);
// The windows' totals, then the features of the newest window by effect; of one feature, its course over the windows.
std::string WindowsText(const nlohmann::json& windows, const std::string& feature);
std::string AlertsText(const nlohmann::json& alerts);
std::string RejectsText(const nlohmann::json& rejects);

}  // namespace monitor
