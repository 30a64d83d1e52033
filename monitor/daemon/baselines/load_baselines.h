// LoadBaselines: the baseline files that a configuration names → profiles, checked against it.
//
// A model's `baseline` is a file or a folder of <model>-<version>.baseline.json; of a folder the newest (by creation
// time, then version) serves the versions that have none of their own. Baselines that were pushed (pushed_baselines.h)
// join them, in the place of a file's of the same version. All get what they lack of the parts that were learnt from
// live traffic (kept_parts.h). Throws ConfigError with file, line-less key and what to do. Cost: reading the files.
#pragma once

#include <map>
#include <string>

#include "monitor/daemon/config/config.h"
#include "monitor/judge/judge.h"

namespace monitor {

// A model that still learns its baseline (`baseline: learn`) has none here.
std::map<std::string, ModelBaselines> LoadBaselines(const Config& config);

// The configuration of the models that have baselines, which are watched.
Config WatchedOf(const Config& config, const std::map<std::string, ModelBaselines>& baselines);

}  // namespace monitor
