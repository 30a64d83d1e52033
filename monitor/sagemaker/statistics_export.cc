#include "monitor/sagemaker/statistics_export.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace monitor {
namespace {

using baselines::ProfileColumn;
using nlohmann::json;

constexpr std::size_t kBuckets = 10;

const char* TypeOf(const ProfileColumn& column) {
  if (column.kind() == detectors::FeatureKind::kCategorical) return "String";
  return column.inferred == "integer" ? "Integral" : "Fractional";
}

std::uint64_t MissingOf(const detectors::FeatureSummary& summary) { return summary.missing() + summary.type_faults(); }

json CommonOf(const detectors::FeatureSummary& summary) {
  return {{"num_present", summary.values()}, {"num_missing", MissingOf(summary)}};
}

// The value that a bin stands for: its middle, or the value itself where the bin is that of one value.
double MiddleOf(const detectors::FeatureSummary& summary, std::size_t bin) {
  const auto edges = summary.shape().binning.edges();
  const double min = summary.moments().min(), max = summary.moments().max();
  const double low = bin == 0 ? min : edges[bin - 1], high = bin == edges.size() ? max : edges[bin];
  const double middle = high - low <= std::abs(high) * 1e-12 ? high : std::midpoint(low, high);
  return std::clamp(middle, min, max);
}

json NumberJson(const ProfileColumn& column) {
  const detectors::FeatureSummary& summary = column.summary;
  const detectors::Moments& moments = summary.moments();
  json levels = json::array(), buckets = json::array();
  std::vector<double> counts(kBuckets);
  const double width = (moments.max() - moments.min()) / static_cast<double>(kBuckets);
  for (std::size_t bin = 0; bin < summary.bins().size(); ++bin) {
    const std::uint64_t count = summary.bins()[bin];
    if (count == 0) continue;
    const double value = MiddleOf(summary, bin);
    for (std::size_t level = 0; count >> level != 0; ++level) {
      if (levels.size() <= level) levels.push_back(json::array());
      if ((count >> level & 1) != 0) levels[level].push_back(value);
    }
    const double cell = width > 0 ? (value - moments.min()) / width : 0;
    counts[std::min(kBuckets - 1, static_cast<std::size_t>(cell))] += static_cast<double>(count);
  }
  for (std::size_t i = 0; i < kBuckets; ++i) {
    buckets.push_back(
        {{"lower_bound", moments.min() + width * static_cast<double>(i)},
         {"upper_bound", i + 1 == kBuckets ? moments.max() : moments.min() + width * static_cast<double>(i + 1)},
         {"count", counts[i]}});
  }
  return {{"common", CommonOf(summary)},
          {"mean", moments.mean()},
          {"sum", moments.mean() * static_cast<double>(summary.values())},
          {"std_dev", std::sqrt(moments.population_variance())},
          {"min", moments.min()},
          {"max", moments.max()},
          {"distribution",
           {{"kll",
             {{"buckets", buckets}, {"sketch", {{"parameters", {{"c", 0.64}, {"k", 2048.0}}}, {"data", levels}}}}}}}};
}

json TextJson(const ProfileColumn& column) {
  json buckets = json::array();
  const auto known = column.summary.categories().known();
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto id = static_cast<detectors::CategoryId>(i);
    if (known[i] > 0) buckets.push_back({{"value", column.summary.shape().dictionary.name(id)}, {"count", known[i]}});
  }
  return {{"common", CommonOf(column.summary)},
          {"distinct_count", column.distinct},
          {"distribution", {{"categorical", {{"buckets", buckets}}}}}};
}

std::string Percentage(double share) {
  json number = std::round(share * 1e4) / 1e2;
  return number.dump() + "%";
}

// The check that one feature of a window fails, if it does. Which fault it is stands in the verdict's reason.
void AddViolation(const json& feature, json& violations) {
  const std::string verdict = feature.value("verdict", ""), why = feature.value("why", "");
  if (verdict != "drift" && verdict != "broken") return;
  const auto add = [&](const char* check, const std::string& text) {
    violations.push_back({{"feature_name", feature.value("name", "")},
                          {"constraint_check_type", check},
                          {"description", text + " (" + why + ")"}});
  };
  const auto says = [&](const char* words) { return verdict == "broken" && why.find(words) != std::string::npos; };
  const double count = feature.value("count", 0.0), missing = feature.value("missing", 0.0);
  const double present = std::max(count - missing, 1.0);
  if (says("of the wrong type")) {
    add("data_type_check", "Data type match requirement is not met. Observed: Only " +
                               Percentage(1 - feature.value("type_faults", 0.0) / present) +
                               " of data is of the expected type.");
  } else if (says("unknown to training")) {
    add("categorical_values_check", "Value domain match requirement is not met. Observed: Only " +
                                        Percentage(1 - feature.value("unseen", 0.0) / present) +
                                        " of data is in the expected domain.");
  } else if (says("missing") && missing == count) {
    add("missing_column_check", "The column has no value in the current dataset.");
  } else if (says("missing")) {
    add("completeness_check", "Data completeness requirement is not met. Observed completeness: " +
                                  Percentage(1 - missing / std::max(count, 1.0)) + ".");
  } else {
    const bool number = feature.contains("ks") && feature["ks"].is_number();
    add("baseline_drift_check",
        "Baseline drift distance: " + feature.value(number ? "ks" : "linf", json()).dump() + ".");
  }
}

}  // namespace

json StatisticsJson(const baselines::Profile& profile) {
  json features = json::array();
  for (const ProfileColumn& column : profile.features) {
    const bool number = column.kind() == detectors::FeatureKind::kNumeric;
    if (number && column.summary.values() == 0) continue;  // nothing to say in this layout
    features.push_back(
        {{"name", column.name},
         {"inferred_type", TypeOf(column)},
         {number ? "numerical_statistics" : "string_statistics", number ? NumberJson(column) : TextJson(column)}});
  }
  return {{"version", 0.0}, {"dataset", {{"item_count", profile.rows}}}, {"features", features}};
}

json ConstraintsJson(const baselines::Profile& profile) {
  json features = json::array();
  for (const ProfileColumn& column : profile.features) {
    const detectors::FeatureSummary& summary = column.summary;
    const auto records = static_cast<double>(summary.values() + MissingOf(summary));
    json feature = {{"name", column.name},
                    {"inferred_type", TypeOf(column)},
                    {"completeness", records > 0 ? static_cast<double>(summary.values()) / records : 1.0}};
    if (column.kind() == detectors::FeatureKind::kNumeric) {
      feature["num_constraints"] = {{"is_non_negative", summary.moments().min() >= 0}};
    } else {
      std::vector<std::string> domains;
      for (detectors::CategoryId id = 0; id < summary.shape().dictionary.size(); ++id)
        domains.push_back(summary.shape().dictionary.name(id));
      std::ranges::sort(domains);
      feature["string_constraints"] = {{"domains", domains}};
    }
    features.push_back(std::move(feature));
  }
  return {{"version", 0.0},
          {"features", features},
          {"monitoring_config",
           {{"evaluate_constraints", "Enabled"},
            {"emit_metrics", "Enabled"},
            {"datatype_check_threshold", 1.0},
            {"domain_content_threshold", 1.0},
            {"distribution_constraints",
             {{"perform_comparison", "Enabled"}, {"comparison_threshold", 0.1}, {"comparison_method", "Robust"}}}}}};
}

json ViolationsJson(const json& window) {
  json violations = json::array();
  for (const json& feature : window.value("features", json::array())) AddViolation(feature, violations);
  if (const double extra = window.value("extra", 0.0); extra > 0) {
    violations.push_back({{"feature_name", "Extra columns"},
                          {"constraint_check_type", "extra_column_check"},
                          {"description", "There are extra columns in the current dataset: " + json(extra).dump() +
                                              " values of names that the baseline does not have."}});
  }
  return {{"violations", violations}};
}

}  // namespace monitor
