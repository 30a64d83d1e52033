// QualityComparison: one version, or variant, against another, from the cohorts that the API answers.
//
// Classification is compared by accuracy, regression by the mean absolute error: its tails are lighter than the squared
// error's, so the verdict needs fewer labels and holds where errors have hardly more than a variance; the root mean
// squared errors stand beside it. The mean square of |e| is rmse², so cohorts' measures are all that is needed. The
// verdict is anytime-valid (detectors/distances/confidence_sequence.h). Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace monitor {

// Whether a row of the API is of the version or variant `name`.
bool IsSide(const nlohmann::json& row, const std::string& name);

// {"verdict": better | worse (what `b` is) | not_yet_known | no_labels, "metric": accuracy | mae, "first", "second":
// its values, "first_labels", "second_labels", "difference", "radius" (null: too few labels), "labels_missing", and of
// regression "first_rmse", "second_rmse"}
nlohmann::json CompareQuality(const nlohmann::json& cohorts, const std::string& a, const std::string& b);
std::string QualityText(const nlohmann::json& comparison, const std::string& a, const std::string& b);

}  // namespace monitor
