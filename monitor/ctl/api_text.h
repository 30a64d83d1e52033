// How values of the API are shown to people. Pure functions; `-` stands for null and absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace monitor {

std::string TextOf(const nlohmann::json& object, const char* key);    // a string as it is
std::string NumberOf(const nlohmann::json& object, const char* key);  // four significant digits; "-0.12"
std::string CountOf(const nlohmann::json& object, const char* key);   // 25,953
std::string TimeOf(const nlohmann::json& object, const char* key);    // 2013-04-22 00:00
// The value, when it is there and a number.
std::optional<double> DoubleOf(const nlohmann::json& object, const char* key);
std::optional<std::int64_t> NsOf(const nlohmann::json& object, const char* key);

// What became of labels, as one line.
std::string LabelsText(const nlohmann::json& labels);

// "data_drift" → "data drift"
std::string Spaced(std::string word);

}  // namespace monitor
