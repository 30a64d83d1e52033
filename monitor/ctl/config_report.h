// ConfigReport: what a configuration that is in order will watch, what it will cost, and how long verdicts take. Pure
// apart from LoadBaselines.
//
// Figures are bounds or estimates as their lines say: memory 2 KiB per feature of an open pane and 1 KiB per feature of
// a closed step; disk from the measured size of rows (600 bytes of JSON and 400 of counts per feature and step).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "monitor/daemon/config/config.h"
#include "monitor/judge/judge.h"

namespace monitor {

std::string ConfigReport(const Config& config, const std::map<std::string, ModelBaselines>& baselines);
// {"models":[{"name","topic","labels","baselines":[version…],"features","memory_bytes","disk_bytes_per_day",
//             "delay_seconds":{"missing","type","unseen","unit_factor","constant","clock","no_data","volume",
//             "distribution","quality"}}],"memory_bytes","disk_bytes_per_day"}; the memory includes all queues, a delay
//             of null is never
nlohmann::json ConfigJson(const Config& config, const std::map<std::string, ModelBaselines>& baselines);

// Memory that watching one model takes at most with live traffic, beside its baselines, for each version and variant
// that is live at once. Catching up takes more.
std::uint64_t WatchBytes(const ModelConfig& model, std::size_t features);

}  // namespace monitor
