// A baseline as text for people: at most 120 columns where names allow. Pure functions.
#pragma once

#include <string>

#include "baselines/profile.h"

namespace monitor {

// One line per column with the columns of DuckDB's SUMMARIZE and a little histogram, then the commonest names, what was
// left out, and what was assumed and how to override it.
std::string BaselineText(const baselines::Profile& profile);

// Everything about one column: figures, the coarse cells or the names with their shares.
std::string ColumnText(const baselines::Profile& profile, const baselines::ProfileColumn& column);

}  // namespace monitor
