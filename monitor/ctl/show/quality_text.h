// The API's quality of a model as text for people: a table of cohorts, the window, what is not known, a chart. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace monitor {

// `metric`: the one that the chart shows; empty: the task's first.
std::string QualityText(const nlohmann::json& quality, const std::string& metric);

// The chart alone; empty when the measure cannot be computed for any cohort.
std::string QualityChart(const nlohmann::json& quality, const std::string& metric);

}  // namespace monitor
