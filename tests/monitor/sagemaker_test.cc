// Files of SageMaker Model Monitor: statistics of the flights' training rows against the baseline of the rows
// themselves, and what is written against the layouts that their SDK and the developer guide have.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/sagemaker/statistics_export.h"
#include "monitor/sagemaker/statistics_import.h"
#include "monitor/sagemaker/weighted_values.h"
#include "tests/monitor/daemon/config_files.h"

namespace monitor {
namespace {

using nlohmann::json;

const std::filesystem::path kFiles = std::filesystem::path(TEST_DATA) / "sagemaker";

std::string TextOf(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

SageMakerImport Options() {
  SageMakerImport options;
  options.model = "flights";
  options.source = "statistics.json";
  return options;
}

baselines::Profile Imported() {
  return ProfileOfStatistics(TextOf(kFiles / "statistics.json"), TextOf(kFiles / "constraints.json"), Options());
}

const baselines::Profile& Trained() {
  static const baselines::Profile profile = baselines::BuildProfile(kFiles / "train.csv.gz", {});
  return profile;
}

// Share of values at or below `value`, as the bins tell; exact at edges.
double ShareBelow(const detectors::FeatureSummary& summary, double value) {
  std::uint64_t below = 0;
  const auto edges = summary.shape().binning.edges();
  for (std::size_t i = 0; i < edges.size() && edges[i] <= value; ++i) below += summary.bins()[i];
  return static_cast<double>(below) / static_cast<double>(summary.values());
}

TEST(SageMakerImport, IsTheBaselineOfTheRowsWithinTheSketchsError) {
  const baselines::Profile imported = Imported();
  EXPECT_EQ(imported.rows, Trained().rows);
  ASSERT_EQ(imported.features.size(), Trained().features.size());
  for (const baselines::ProfileColumn& column : imported.features) {
    SCOPED_TRACE(column.name);
    const baselines::ProfileColumn* const exact = Trained().Find(column.name);
    ASSERT_NE(exact, nullptr);
    EXPECT_EQ(column.kind(), exact->kind());
    EXPECT_EQ(column.inferred, exact->inferred);
    EXPECT_EQ(column.summary.values(), exact->summary.values());
    EXPECT_EQ(column.summary.missing(), exact->summary.missing());
    if (column.kind() == detectors::FeatureKind::kCategorical) {
      const auto &ours = column.summary, &theirs = exact->summary;
      ASSERT_EQ(ours.shape().dictionary, theirs.shape().dictionary);
      EXPECT_TRUE(std::ranges::equal(ours.categories().known(), theirs.categories().known()));
      continue;
    }
    const double deviation = exact->summary.moments().standard_deviation();
    EXPECT_NEAR(column.summary.moments().mean(), exact->summary.moments().mean(), 0.003 * deviation);
    EXPECT_NEAR(column.summary.moments().standard_deviation(), deviation, 0.02 * deviation);
    EXPECT_EQ(column.summary.shape().binning.edges().front(), exact->summary.shape().binning.edges().front());
    EXPECT_EQ(column.summary.shape().binning.edges().back(), exact->summary.shape().binning.edges().back());
    for (const double edge : exact->summary.shape().binning.edges()) {
      const auto edges = column.summary.shape().binning.edges();
      if (!std::ranges::binary_search(edges, edge)) continue;  // only there both are exact sums of bins
      EXPECT_NEAR(ShareBelow(column.summary, edge), ShareBelow(exact->summary, edge), 0.0008 + 1e-9) << edge;
    }
  }
  EXPECT_FALSE(imported.prediction || imported.score || imported.label || imported.joint || imported.quality);
  // It is one that a daemon can read.
  EXPECT_EQ(baselines::ProfileFromJson(baselines::ProfileToJson(imported), "it").digest, imported.digest);
}

TEST(SageMakerImport, TakesWhatTheFilesHave) {
  const auto import = [](const json& feature, const json& constraint = json::object()) {
    const json statistics = {{"version", 0}, {"dataset", {{"item_count", 100}}}, {"features", {feature}}};
    const json constraints = {{"version", 0}, {"features", {constraint}}};
    return ProfileOfStatistics(statistics.dump(), constraints.dump(), Options());
  };
  // Buckets alone: 60 values in [0, 10), 40 in [10, 20].
  json number = {{"name", "x"},
                 {"inferred_type", "Fractional"},
                 {"numerical_statistics",
                  {{"common", {{"num_present", 100}, {"num_missing", 7}}},
                   {"min", 0.0},
                   {"max", 20.0},
                   {"distribution",
                    {{"kll",
                      {{"buckets",
                        {{{"lower_bound", 0}, {"upper_bound", 10}, {"count", 60.0}},
                         {{"lower_bound", 10}, {"upper_bound", 20}, {"count", 40.0}}}}}}}}}}};
  const auto coarse = import(number).features.at(0);
  EXPECT_EQ(coarse.summary.values(), 100u);
  EXPECT_EQ(coarse.summary.missing(), 7u);
  EXPECT_NEAR(coarse.summary.moments().mean(), 9, 0.1);
  EXPECT_NEAR(ShareBelow(coarse.summary, 10), 0.6, 1e-9);
  // A text of which 20 values are not listed, and one name that never came.
  const json text = {{"name", "t"},
                     {"inferred_type", "String"},
                     {"string_statistics",
                      {{"common", {{"num_present", 100}, {"num_missing", 0}}},
                       {"distinct_count", 9.0},
                       {"distribution", {{"categorical", {{"buckets", {{{"value", "a"}, {"count", 80}}}}}}}}}}};
  const auto names = import(text, {{"name", "t"}, {"string_constraints", {{"domains", {"a", "b"}}}}}).features.at(0);
  EXPECT_EQ(names.summary.shape().dictionary.size(), 2u);
  EXPECT_EQ(names.summary.unseen(), 20u);
  EXPECT_EQ(names.summary.values(), 100u);
  EXPECT_NE(names.why.find("20 values are of names that the file does not list"), std::string::npos);
  // Nothing known of its distribution.
  number["numerical_statistics"].erase("distribution");
  EXPECT_THROW(import(number), baselines::ProfileError);
  EXPECT_THROW(ProfileOfStatistics("[]", "", Options()), baselines::ProfileError);
}

TEST(SageMakerImport, ThresholdsAreRulesThatTheConfigurationTakes) {
  const std::string rules = RulesOfConstraints(TextOf(kFiles / "constraints.json"), Imported());
  const ConfigFolder folder;
  const Config config =
      folder.Read("kafka: {brokers: b}\nmodels:\n- name: flights\n  baseline: b.json\n  requests: {topic: t}\n" +
                  std::string("  ") +
                  [&] {
                    std::string indented;
                    for (const char c : rules) indented += c == '\n' ? std::string("\n  ") : std::string(1, c);
                    return indented;
                  }() +
                  "\n");
  const auto has = [&](const std::string& metric, const std::string& feature, double above) {
    for (const RuleConfig& rule : config.models[0].rules) {
      if (rule.metric == metric && rule.feature == feature) return std::abs(*rule.above - above) < 1e-4;
    }
    return false;
  };
  EXPECT_TRUE(has("ks", "distance", 0.1));
  EXPECT_TRUE(has("linf", "carrier", 0.1));
  EXPECT_TRUE(has("unseen", "carrier", 0));
  EXPECT_TRUE(has("missing", "distance", 0));
  const json constraints = json::parse(TextOf(kFiles / "constraints.json"));
  for (const json& feature : constraints["features"])
    EXPECT_TRUE(has("missing", feature["name"], 1 - feature["completeness"].get<double>())) << feature["name"];
}

TEST(SageMakerImport, OverridesOfAFeatureCount) {
  json constraints = json::parse(TextOf(kFiles / "constraints.json"));
  for (json& feature : constraints["features"]) {
    if (feature["name"] == "carrier")  // as the SDK's set_monitoring writes it
      feature["string_constraints"]["monitoring_config_overrides"] = {{"evaluate_constraints", "Disabled"}};
    if (feature["name"] == "distance")  // as the developer guide does
      feature["monitoringConfigOverrides"] = {{"distribution_constraints", {{"comparison_threshold", 0.25}}}};
  }
  const std::string rules = RulesOfConstraints(constraints.dump(), Imported());
  EXPECT_EQ(rules.find("carrier"), std::string::npos);
  EXPECT_NE(rules.find("{metric: ks, feature: \"distance\", above: 0.25}"), std::string::npos) << rules;
  EXPECT_NE(rules.find("{metric: ks, feature: \"hour\", above: 0.1}"), std::string::npos);
}

TEST(SageMakerExport, ComesBackAsItWas) {
  const json statistics = StatisticsJson(Trained()), constraints = ConstraintsJson(Trained());
  const baselines::Profile back = ProfileOfStatistics(statistics.dump(), constraints.dump(), Options());
  ASSERT_EQ(back.features.size(), Trained().features.size());
  for (std::size_t i = 0; i < back.features.size(); ++i) {
    const auto &was = Trained().features[i].summary, &is = back.features[i].summary;
    EXPECT_EQ(is.values(), was.values()) << back.features[i].name;
    EXPECT_EQ(is.missing(), was.missing());
    if (is.kind() == detectors::FeatureKind::kCategorical) {
      EXPECT_TRUE(std::ranges::equal(is.categories().known(), was.categories().known()));
    } else {
      EXPECT_NEAR(is.moments().mean(), was.moments().mean(), 0.01 * was.moments().standard_deviation());
    }
  }
}

// The keys and types of the developer guide's schemas, as the SDK's own test files have them
// (aws/sagemaker-python-sdk, tests/data/monitor). The SDK's classes Statistics, Constraints and ConstraintViolations
// (2.232.2) were run on these files once by hand.
TEST(SageMakerExport, HasTheLayout) {
  const json statistics = StatisticsJson(Trained()), theirs = json::parse(TextOf(kFiles / "statistics.json"));
  const auto same_keys = [](const json& a, const json& b, const std::string& where) {
    std::vector<std::string> ours, wanted;
    for (const auto& [key, value] : a.items()) ours.push_back(key);
    for (const auto& [key, value] : b.items()) wanted.push_back(key);
    EXPECT_EQ(ours, wanted) << where;
  };
  same_keys(statistics, theirs, "statistics");
  EXPECT_EQ(statistics["dataset"], theirs["dataset"]);
  for (const json& feature : theirs["features"]) {
    const auto ours =
        std::ranges::find_if(statistics["features"], [&](const json& f) { return f["name"] == feature["name"]; });
    ASSERT_NE(ours, statistics["features"].end());
    const std::string name = feature["name"];
    same_keys(*ours, feature, name);
    EXPECT_EQ((*ours)["inferred_type"], feature["inferred_type"]) << name;
    if (feature.contains("string_statistics")) {
      EXPECT_EQ((*ours)["string_statistics"]["common"], feature["string_statistics"]["common"]);
      EXPECT_EQ((*ours)["string_statistics"]["distinct_count"], feature["string_statistics"]["distinct_count"]);
      EXPECT_EQ((*ours)["string_statistics"]["distribution"]["categorical"]["buckets"].size(),
                feature["string_statistics"]["distribution"]["categorical"]["buckets"].size());
      continue;
    }
    const json &a = (*ours)["numerical_statistics"], &b = feature["numerical_statistics"];
    same_keys(a, b, name);
    EXPECT_EQ(a["common"], b["common"]) << name;
    for (const char* key : {"mean", "sum", "std_dev", "min", "max"})
      EXPECT_NEAR(a[key].get<double>(), b[key].get<double>(), 1e-9 * (1 + std::abs(b[key].get<double>())))
          << name << key;
    const json &kll = a["distribution"]["kll"], &their_kll = b["distribution"]["kll"];
    same_keys(kll, their_kll, name);
    EXPECT_EQ(kll["sketch"]["parameters"], their_kll["sketch"]["parameters"]);
    ASSERT_EQ(kll["buckets"].size(), 10u);
    double buckets = 0, weight = 1, items = 0;
    for (const json& bucket : kll["buckets"]) buckets += bucket["count"].get<double>();
    for (const json& level : kll["sketch"]["data"]) items += weight * static_cast<double>(level.size()), weight *= 2;
    EXPECT_EQ(buckets, b["common"]["num_present"].get<double>());
    EXPECT_EQ(items, b["common"]["num_present"].get<double>());
  }
  const json constraints = ConstraintsJson(Trained()), wanted = json::parse(TextOf(kFiles / "constraints.json"));
  same_keys(constraints, wanted, "constraints");
  EXPECT_EQ(constraints["monitoring_config"], wanted["monitoring_config"]);
  for (std::size_t i = 0; i < wanted["features"].size(); ++i)
    EXPECT_EQ(constraints["features"][i], wanted["features"][i]);
}

TEST(SageMakerExport, ViolationsHaveTheirChecksNames) {
  const auto feature = [](const char* name, const char* verdict, int missing, int faults, int unseen, const char* why) {
    return json{{"name", name},       {"verdict", verdict},    {"count", 1000},
                {"missing", missing}, {"type_faults", faults}, {"unseen", unseen},
                {"ks", 0.31},         {"linf", 0.2},           {"why", why}};
  };
  const json window = {
      {"extra", 12},
      {"features",
       {feature("fine", "ok", 5, 0, 0, ""), feature("few", "insufficient", 0, 0, 0, ""),
        feature("moved", "drift", 0, 0, 0, "feature moved drifted"),
        feature("holes", "broken", 400, 0, 0, "feature holes: 40 % of its values are missing (400 …"),
        feature("gone", "broken", 1000, 0, 0, "feature gone: 100 % of its values are missing (1,000 …"),
        feature("texts", "broken", 0, 250, 0, "… of its values are of the wrong type (250 …"),
        feature("names", "broken", 200, 0, 80, "… of its values are unknown to training (80 …")}}};
  const json violations = ViolationsJson(window)["violations"];
  std::vector<std::pair<std::string, std::string>> found;
  for (const json& violation : violations) {
    EXPECT_EQ(violation.size(), 3u);
    found.emplace_back(violation["feature_name"], violation["constraint_check_type"]);
  }
  const std::vector<std::pair<std::string, std::string>> wanted{
      {"moved", "baseline_drift_check"},     {"holes", "completeness_check"},
      {"gone", "missing_column_check"},      {"texts", "data_type_check"},
      {"names", "categorical_values_check"}, {"Extra columns", "extra_column_check"}};
  EXPECT_EQ(found, wanted);
  EXPECT_NE(violations[1]["description"].get<std::string>().find("Observed completeness: 60.0%"), std::string::npos);
  EXPECT_NE(violations[4]["description"].get<std::string>().find("Only 90.0% of data"), std::string::npos);
}

TEST(WeightedValues, AreTheRowsThatTheyStandFor) {
  WeightedValues weighted;
  std::vector<double> rows;
  for (int i = 0; i < 40; ++i) {
    const auto weight = static_cast<std::uint64_t>(1 + i * i % 17);
    weighted.Add(i * 0.5, weight);
    rows.insert(rows.end(), weight, i * 0.5);
  }
  const auto shape = detectors::FeatureShape::Numeric(detectors::Binning::Freeze(weighted.Source(0, 19.5, 1.0 / 240)));
  detectors::FeatureSummary once(shape);
  once.AddNumeric(rows, 0, 0);
  const detectors::FeatureSummary counted = weighted.Count(shape);
  EXPECT_TRUE(std::ranges::equal(counted.bins(), once.bins()));
  EXPECT_NEAR(counted.moments().mean(), once.moments().mean(), 1e-12);
  EXPECT_NEAR(counted.moments().standard_deviation(), once.moments().standard_deviation(), 1e-12);
}

}  // namespace
}  // namespace monitor
