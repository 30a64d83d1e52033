#include "monitor/sagemaker/statistics_import.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "baselines/profile_file.h"
#include "baselines/values/value_text.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/sagemaker/weighted_values.h"

namespace monitor {
namespace {

using baselines::ProfileColumn;
using baselines::ProfileError;
using detectors::FeatureShape;
using detectors::FeatureSummary;
using nlohmann::json;

constexpr std::size_t kPointsPerBucket = 24;
constexpr double kPointMass = 1.0 / 240;

json Parse(std::string_view text, const std::string& what) {
  json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("features") || !parsed["features"].is_array())
    throw ProfileError(what +
                       " is not what SageMaker Model Monitor writes: an object with a list `features` is expected");
  return parsed;
}

// Counts are written as 631.0 here and there.
std::uint64_t CountOf(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return 0;
  const double value = found->get<double>();
  return value > 0 && value < 1e18 ? static_cast<std::uint64_t>(std::llround(value)) : 0;
}

const json& At(const json& object, std::initializer_list<const char*> path) {
  static const json kNone;
  const json* at = &object;
  for (const char* key : path) {
    if (!at->is_object() || !at->contains(key)) return kNone;
    at = &at->at(key);
  }
  return *at;
}

WeightedValues OfSketch(const json& levels) {
  WeightedValues values;
  std::uint64_t weight = 1;
  for (const json& level : levels) {
    for (const json& item : level) {
      if (item.is_number() && std::isfinite(item.get<double>())) values.Add(item.get<double>(), weight);
    }
    if (weight > (std::uint64_t{1} << 60)) throw ProfileError("statistics.json has a sketch of more than 60 levels");
    weight *= 2;
  }
  return values;
}

WeightedValues OfBuckets(const json& buckets) {
  WeightedValues values;
  for (const json& bucket : buckets) {
    const double low = bucket.value("lower_bound", 0.0), high = bucket.value("upper_bound", 0.0);
    const std::uint64_t count = CountOf(bucket, "count");
    for (std::size_t i = 0; i < kPointsPerBucket; ++i) {
      const std::uint64_t weight = count * (i + 1) / kPointsPerBucket - count * i / kPointsPerBucket;
      const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(kPointsPerBucket);
      if (weight > 0) values.Add(std::lerp(low, high, share), weight);
    }
  }
  return values;
}

ProfileColumn Number(const std::string& name, const json& feature) {
  const json& statistics = At(feature, {"numerical_statistics"});
  const json& kll = At(statistics, {"distribution", "kll"});
  const json& levels = At(kll, {"sketch", "data"});
  const json& buckets = At(kll, {"buckets"});
  const bool sketch = levels.is_array() && !levels.empty();
  if (!sketch && (!buckets.is_array() || buckets.empty())) throw ProfileError("it has no distribution in the file");
  const WeightedValues values = sketch ? OfSketch(levels) : OfBuckets(buckets);
  const double low = statistics.value("min", values.min()), high = statistics.value("max", values.max());
  const auto shape = FeatureShape::Numeric(detectors::Binning::Freeze(values.Source(low, high, kPointMass)));
  ProfileColumn column{name, feature.value("inferred_type", "") == "Integral" ? "integer" : "decimal", "",
                       values.Count(shape)};
  column.summary.AddNumeric({}, CountOf(At(statistics, {"common"}), "num_missing"), 0);
  column.q25 = values.Quantile(0.25);
  column.q50 = values.Quantile(0.5);
  column.q75 = values.Quantile(0.75);
  column.distinct = static_cast<double>(values.distinct());
  if (!sketch) column.why = "from ten buckets, so its distribution is coarse";
  return column;
}

ProfileColumn Text(const std::string& name, const json& feature, const json& constraint) {
  const json& statistics = At(feature, {"string_statistics"});
  const json& common = At(statistics, {"common"});
  std::map<std::string, std::uint64_t> counts;
  for (const json& bucket : At(statistics, {"distribution", "categorical", "buckets"}))
    counts[bucket.value("value", "")] += CountOf(bucket, "count");
  if (counts.empty()) throw ProfileError("it has no distribution in the file");
  // Names that may occur, though they are not counted one by one.
  for (const json& domain : At(constraint, {"string_constraints", "domains"})) {
    if (domain.is_string()) counts.try_emplace(domain.get<std::string>(), 0);
  }
  std::vector<std::pair<std::uint64_t, std::string>> known;
  std::uint64_t listed = 0;
  for (const auto& [value, count] : counts) {
    known.emplace_back(count, value);
    listed += count;
  }
  std::ranges::sort(
      known, [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  known.resize(std::min(known.size(), detectors::CategoryDictionary::kMaxKnown));
  std::vector<std::string> names;
  for (const auto& [count, value] : known) names.push_back(value);
  const auto shape = FeatureShape::Categorical(detectors::CategoryDictionary(names, {}));
  ProfileColumn column{name, "category", "", FeatureSummary(shape)};
  std::uint64_t counted = 0;
  for (std::size_t i = 0; i < known.size(); ++i) {
    AddTimes(column.summary, CategoryOnce(shape, static_cast<detectors::CategoryId>(i), {}), known[i].first);
    counted += known[i].first;
  }
  const std::uint64_t present = std::max(CountOf(common, "num_present"), listed);
  if (present > counted) {
    AddTimes(column.summary, CategoryOnce(shape, detectors::CategoryDictionary::kUnseen, "(not listed)"),
             present - counted);
    column.why =
        Thousands(present - counted) + " values are of names that the file does not list; they count as unseen";
  }
  column.summary.AddCategorical({}, {}, CountOf(common, "num_missing"), 0);
  column.distinct = statistics.value("distinct_count", static_cast<double>(known.size()));
  return column;
}

json ConstraintOf(const json& constraints, const std::string& name) {
  for (const json& feature : At(constraints, {"features"})) {
    if (feature.is_object() && feature.value("name", "") == name) return feature;
  }
  return json::object();
}

}  // namespace

baselines::Profile ProfileOfStatistics(std::string_view statistics, std::string_view constraints,
                                       const SageMakerImport& options) {
  const json counted = Parse(statistics, "the statistics file");
  const json constrained = constraints.empty() ? json::object() : Parse(constraints, "the constraints file");
  baselines::Profile profile;
  profile.model = options.model;
  profile.model_given = true;
  profile.version = options.version;
  profile.created = options.created;
  profile.source = options.source;
  profile.rows = CountOf(At(counted, {"dataset"}), "item_count");
  profile.missing_texts = baselines::MissingTexts().texts();
  profile.assumptions = {
      "made of statistics that Amazon SageMaker Model Monitor had computed; numbers are those of its KLL sketches, so "
      "their quantiles are approximate (about 0.1 %)",
      "absent, since the files do not have them: predictions, scores, labels and quality, correlations, and what "
      "matters to the model; a baseline of training data has them (monitorctl baseline build)"};
  for (const json& feature : counted["features"]) {
    const std::string name = feature.value("name", "");
    if (std::ranges::find(options.ignore, name) != options.ignore.end()) {
      profile.ignored.push_back({name, "left out by --ignore"});
      continue;
    }
    try {
      profile.features.push_back(feature.contains("numerical_statistics")
                                     ? Number(name, feature)
                                     : Text(name, feature, ConstraintOf(constrained, name)));
    } catch (const ProfileError& fault) {
      profile.ignored.push_back({name, fault.what()});
    }
  }
  if (profile.features.empty()) throw ProfileError("the statistics file has no feature with a distribution");
  profile.digest = baselines::Digest(profile);
  return profile;
}

}  // namespace monitor
