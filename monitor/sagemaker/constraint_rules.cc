// RulesOfConstraints: thresholds of SageMaker's checks → rules of the configuration.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "baselines/profile_file.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/sagemaker/statistics_import.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr double kComparisonThreshold = 0.1;  // SageMaker's where the file has none

std::string Rule(const std::string& metric, const std::string& feature, double above) {
  return "  - {metric: " + metric + ", feature: " + json(feature).dump() + ", above: " + Number(above) + "}\n";
}

double NumberOf(const json& object, const char* key, double otherwise) {
  return object.is_object() && object.contains(key) && object.at(key).is_number() ? object.at(key).get<double>()
                                                                                  : otherwise;
}

}  // namespace

std::string RulesOfConstraints(std::string_view constraints, const baselines::Profile& profile) {
  const json file = json::parse(constraints, nullptr, false);
  if (!file.is_object() || !file.contains("features"))
    throw baselines::ProfileError(
        "the constraints file is not what SageMaker Model Monitor writes: it has no `features`");
  const json defaults = file.value("monitoring_config", json::object());
  std::string rules =
      "# The thresholds of SageMaker Model Monitor's constraints, for `models: - … rules:`. monitord fires when the\n"
      "# confidence bound of a figure is beyond its threshold. Without these rules its own tests watch the same "
      "features.\n"
      "rules:\n";
  for (const json& feature : file.at("features")) {
    const std::string name = feature.value("name", "");
    const baselines::ProfileColumn* const column = profile.Find(name);
    if (column == nullptr) continue;
    json config = defaults;
    // The developer guide has overrides at the feature, the Python SDK writes them into its constraints.
    for (const json& own :
         {feature.value("monitoringConfigOverrides", json()),
          feature.value("string_constraints", json::object()).value("monitoring_config_overrides", json()),
          feature.value("num_constraints", json::object()).value("monitoring_config_overrides", json())}) {
      if (own.is_object()) config.merge_patch(own);
    }
    if (config.value("evaluate_constraints", "Enabled") != "Enabled") continue;
    const bool numeric = column->kind() == detectors::FeatureKind::kNumeric;
    // baseline_drift_check: linf of the distribution function of numbers is the Kolmogorov–Smirnov distance.
    const json distribution = config.value("distribution_constraints", json::object());
    if (distribution.value("perform_comparison", "Enabled") == "Enabled") {
      const double threshold = NumberOf(distribution, "comparison_threshold", kComparisonThreshold);
      rules += Rule(numeric ? "ks" : "linf", name,
                    numeric ? threshold : NumberOf(distribution, "categorical_comparison_threshold", threshold));
    }
    // completeness_check
    if (feature.contains("completeness")) rules += Rule("missing", name, 1 - NumberOf(feature, "completeness", 1));
    // categorical_values_check
    if (!numeric && feature.contains("string_constraints"))
      rules += Rule("unseen", name, 1 - NumberOf(config, "domain_content_threshold", 1));
  }
  return rules +
         "# data_type_check, missing_column_check and extra_column_check need no rule: wrong types, columns that are "
         "gone and\n"
         "# new columns are told by themselves.\n";
}

}  // namespace monitor
