#include "monitor/ctl/show/quality_comparison.h"

#include <algorithm>
#include <cmath>

#include "detectors/distances/confidence_sequence.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr double kAlpha = 0.05;

// A measure of a cohort; NaN where it has none.
double Measure(const json& cohort, const char* name) {
  const json& metrics = cohort.at("metrics");
  const auto found = metrics.find(name);
  if (found == metrics.end() || !found->is_object() || !found->at("value").is_number()) return std::nan("");
  return found->at("value").get<double>();
}

// Of the labelled predictions of one side, over all cohorts: how often they were right, or how large |e| was.
detectors::SampleMean Sample(const json& cohorts, const std::string& name, bool regression) {
  double sum = 0, squares = 0;
  std::uint64_t labels = 0;
  for (const json& cohort : cohorts) {
    const double value = Measure(cohort, regression ? "mae" : "accuracy");
    const double root = regression ? Measure(cohort, "rmse") : std::sqrt(value);
    if (!IsSide(cohort, name) || !std::isfinite(value) || !std::isfinite(root)) continue;
    const auto count = cohort.at("labels").get<std::uint64_t>();
    labels += count;
    sum += value * static_cast<double>(count);
    squares += root * root * static_cast<double>(count);
  }
  if (labels == 0) return {};
  const auto n = static_cast<double>(labels);
  return {labels, sum / n, std::max(0.0, squares / n - sum / n * (sum / n))};
}

double Rmse(const detectors::SampleMean& sample) { return std::sqrt(sample.variance + sample.mean * sample.mean); }

}  // namespace

bool IsSide(const json& row, const std::string& name) {
  return row.value("version", "") == name || (!name.empty() && row.value("variant", "") == name);
}

json CompareQuality(const json& cohorts, const std::string& a, const std::string& b) {
  const bool regression = std::any_of(cohorts.begin(), cohorts.end(),
                                      [](const json& cohort) { return std::isfinite(Measure(cohort, "mae")); });
  const auto first = Sample(cohorts, a, regression), second = Sample(cohorts, b, regression);
  if (first.count == 0 || second.count == 0) return {{"verdict", "no_labels"}};
  const auto comparison = detectors::CompareMeans(first, second, kAlpha);
  const auto missing = detectors::ValuesMissing(first, second, kAlpha);
  const bool better = (comparison.difference > 0) != regression;
  json found{{"verdict", !comparison.decided() ? "not_yet_known"
                         : better              ? "better"
                                               : "worse"},
             {"metric", regression ? "mae" : "accuracy"},
             {"first", first.mean},
             {"second", second.mean},
             {"first_labels", first.count},
             {"second_labels", second.count},
             {"difference", comparison.difference},
             {"radius", std::isfinite(comparison.radius) ? json(comparison.radius) : json()},
             {"labels_missing", missing ? json(std::llround(*missing)) : json()}};
  if (regression) found["first_rmse"] = Rmse(first), found["second_rmse"] = Rmse(second);
  return found;
}

std::string QualityText(const json& comparison, const std::string& a, const std::string& b) {
  const std::string verdict = comparison.at("verdict");
  if (verdict == "no_labels") return "quality: not known, one of them has no labels";
  const bool regression = comparison.at("metric") == "mae";
  const auto side = [&](const char* which, const std::string& name) {
    const double value = comparison.at(which);
    return (regression ? Number(value) : Percent(value)) + " (" + name + ", " +
           Thousands(comparison.at(std::string(which) + "_labels")) + " labels" +
           (regression ? ", rmse " + Number(comparison.at(std::string(which) + "_rmse")) : "") + ")";
  };
  const std::string figures = std::string(regression ? "mean absolute error " : "accuracy ") + side("second", b) +
                              " against " + side("first", a);
  if (verdict != "not_yet_known") return "quality: " + b + " is " + verdict + " than " + a + ": " + figures;
  return "quality: not yet known: " + figures +
         (comparison.at("labels_missing").is_null()
              ? ""
              : "; if the difference stays, about " + Thousands(comparison.at("labels_missing")) +
                    " more labels will tell");
}

}  // namespace monitor
