// ConfigReport: what a configuration that is in order will watch, what it will cost, and how long verdicts take. Pure
// apart from LoadBaselines.
//
// Figures are bounds or estimates as their lines say: memory 2 KiB per feature of an open pane and 1 KiB per feature of
// a closed step; disk from the measured size of rows (600 bytes of JSON and 400 of counts per feature and step).
#pragma once

#include <string>
#include <vector>

#include "baselines/profile.h"
#include "monitor/daemon/config.h"

namespace monitor {

// The baselines of one model: its file, or every <model>-<version>.baseline.json of its folder by name.
// Throws baselines::ProfileError for a file that cannot be used, ConfigError for a folder without one and for a
// baseline of another model.
std::vector<baselines::Profile> LoadBaselines(const ModelConfig& model);

struct CheckedModel {
  const ModelConfig* config;
  std::vector<baselines::Profile> profiles;
};

std::string ConfigReport(const Config& config, const std::vector<CheckedModel>& models);

// Memory that the summaries of one model take at most, for each version and variant that is live at once.
std::uint64_t SummaryBytes(const ModelConfig& model, std::size_t features);

}  // namespace monitor
