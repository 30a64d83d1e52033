// Profiles and windows in the layouts of SageMaker Model Monitor: statistics.json, constraints.json and
// constraint_violations.json, for tools that read those. Pure.
//
// A number's sketch has each bin's middle with the bin's exact count (item of level i: 2^i values), its ten buckets of
// equal width are those of the bins. Values of the wrong type count as missing there. Texts beyond the dictionary are
// in no bucket.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "baselines/profile.h"

namespace monitor {

nlohmann::json StatisticsJson(const baselines::Profile& profile);
nlohmann::json ConstraintsJson(const baselines::Profile& profile);

// Of one closed window as the API shows it: {"violations":[{feature_name, constraint_check_type, description}]}. What
// monitord found (its verdicts) under the names of the checks: data_type_check, completeness_check,
// baseline_drift_check, missing_column_check, extra_column_check, categorical_values_check.
nlohmann::json ViolationsJson(const nlohmann::json& window);

}  // namespace monitor
