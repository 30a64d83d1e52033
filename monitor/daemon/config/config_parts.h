// The parts of ReadConfig, one file each. All throw ConfigError.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/daemon/config/config.h"
#include "monitor/daemon/config/yaml_reader.h"

namespace monitor {

inline constexpr std::array<std::string_view, 22> kModelKeys{
    "name",       "baseline",       "version",      "requests",       "labels",  "positive",
    "window",     "step",           "pane",         "rules",          "owner",   "allowed_lateness",
    "idle_after", "max_clock_skew", "min_effect",   "missing_values", "runbook", "task",
    "classes",    "importances",    "retire_after", "learn"};

// `models` of the root and of every included file, each with `defaults` behind it; and what holds between models.
std::vector<ModelConfig> ReadModels(const YamlMap& root);

// One entry of `models`: its fields and what holds between them.
ModelConfig ReadModel(const YamlMap& model);

// `requests.fields` or `labels.fields`: `plain` (our name → dotted path) where that says it all, else a mapping.
// `names` in the order of RecordField or LabelField.
enum class FieldsOf { kRecords, kLabels };
void ReadFields(const YamlValue& value, FieldsOf kind, Names names, std::map<std::string, std::string>& plain,
                std::shared_ptr<const Mapping>& mapping);

// The same of a format by name, which knows where its fields stand: rename, order, missing_values, values.
std::shared_ptr<const Mapping> ReadFormatFields(const YamlValue& value);

// `schema` of requests or labels: a file for messages without a schema id, or files by id. nullptr: it is not there.
std::shared_ptr<const LocalSchemas> ReadSchemas(const YamlMap& map, const std::string& format);

// `schema_registry` of the root.
void ReadSchemaRegistry(const YamlMap& root, Config& config);

std::vector<RuleConfig> ReadRules(const YamlValue& rules);

// `notify` and `retrain`; needs config.models. Names of targets are unique over both.
void ReadTargets(const YamlMap& root, Config& config);

// `kafka`: brokers and properties.
void ReadKafka(const YamlMap& root, Config& config);

}  // namespace monitor
