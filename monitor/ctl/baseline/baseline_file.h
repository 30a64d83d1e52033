// What every verb that makes a baseline shares: its file's name and its time.
#pragma once

#include <string>

#include "baselines/profile.h"

namespace monitor {

std::string NowText();                                         // RFC 3339 UTC, to the second
std::string BaselineFileName(const baselines::Profile& made);  // churn-1.baseline.json

}  // namespace monitor
