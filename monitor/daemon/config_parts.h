// The parts of ReadConfig, one file each. All throw ConfigError.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "monitor/daemon/config.h"
#include "monitor/daemon/yaml_reader.h"

namespace monitor {

inline constexpr std::array<std::string_view, 20> kModelKeys{
    "name",       "baseline",       "version", "requests", "labels",           "positive",   "window",
    "step",       "pane",           "rules",   "owner",    "allowed_lateness", "idle_after", "max_clock_skew",
    "min_effect", "missing_values", "runbook", "task",     "classes",          "importances"};

// `models` of the root and of every included file, each with `defaults` behind it; and what holds between models.
std::vector<ModelConfig> ReadModels(const YamlMap& root);

// One entry of `models`: its fields and what holds between them.
ModelConfig ReadModel(const YamlMap& model);

std::vector<RuleConfig> ReadRules(const YamlValue& rules);

// `notify` and `retrain`; needs config.models. Names of targets are unique over both.
void ReadTargets(const YamlMap& root, Config& config);

// `kafka`: brokers and properties.
void ReadKafka(const YamlMap& root, Config& config);

}  // namespace monitor
