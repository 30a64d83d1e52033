// The readable part of a baseline as JSON: what is in its file, without the exact summaries.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "baselines/profile.h"

namespace monitor {

nlohmann::json BaselineJson(const baselines::Profile& profile);

}  // namespace monitor
