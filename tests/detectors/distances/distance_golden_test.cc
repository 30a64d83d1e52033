// Distances against values by numpy and scipy: golden/make_distances.py made golden/distances.json.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "detectors/distances/distance.h"
#include "detectors/hash.h"
#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using nlohmann::json;

json Golden(const char* kind) {
  std::ifstream file(GOLDEN_DISTANCES);
  return json::parse(file).at(kind);
}

std::vector<double> Values(const json& list) {
  std::vector<double> values;
  for (const json& item : list) {
    if (item.is_null())
      values.push_back(NAN);
    else if (item.is_string())
      values.push_back(item == "inf" ? HUGE_VAL : -HUGE_VAL);
    else
      values.push_back(item.get<double>());
  }
  return values;
}

void ExpectCellDistances(const Distances& got, const json& expected) {
  const auto expect = [&](const Estimate& estimate, const char* name) {
    ASSERT_TRUE(estimate.ok()) << name;
    const double value = expected.at(name);
    // scipy's Hellinger and Jensen–Shannon lose half of the digits near 0, in 1 − Σ√(pq).
    EXPECT_NEAR(estimate.value, value, 1e-9 * std::max(1.0, value)) << name;
  };
  expect(got.psi, "psi");
  expect(got.js, "js");
  expect(got.hellinger, "hellinger");
  expect(got.total_variation, "total_variation");
  expect(got.linf, "linf");
  expect(got.chi2, "chi2");
}

// What interpolation inside the bins can hide: KS max min(p, q); Wasserstein Σ width/2·(p + q).
struct BinError {
  double ks = 0;
  double wasserstein = 0;
};

BinError ErrorOf(const FeatureSummary& baseline, const FeatureSummary& current) {
  BinError error;
  const auto edges = baseline.shape().binning.edges();
  for (std::size_t bin = 0; bin < baseline.bins().size(); ++bin) {
    const double p = static_cast<double>(baseline.bins()[bin]) / static_cast<double>(baseline.values());
    const double q = static_cast<double>(current.bins()[bin]) / static_cast<double>(current.values());
    error.ks = std::max(error.ks, std::min(p, q));
    if (bin > 0 && bin < edges.size()) error.wasserstein += (edges[bin] - edges[bin - 1]) / 2 * (p + q);
  }
  return error;
}

TEST(GoldenDistances, NumericCasesAgreeWithScipy) {
  const json cases = Golden("numeric");
  ASSERT_EQ(cases.size(), 25);
  for (const json& golden : cases) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const std::vector<double> values = Values(golden.at("baseline"));
    const auto shape = testing::ShapeOf(values);
    const FeatureSummary baseline = testing::Summarise(shape, values);
    const FeatureSummary current = testing::Summarise(shape, Values(golden.at("current")));
    const std::vector<double> cuts = golden.at("cuts");
    ASSERT_EQ(shape->binning.coarse_cuts().size(), cuts.size());
    // numpy rounds the interpolation between two values differently.
    for (std::size_t cut = 0; cut < cuts.size(); ++cut)
      EXPECT_NEAR(shape->binning.coarse_cuts()[cut], cuts[cut], 1e-15 * std::max(1.0, std::abs(cuts[cut])));

    const Distances got = Compare(baseline, current);
    const json& expected = golden.at("expected");
    if (expected.is_null()) {
      for (const Estimate* estimate :
           {&got.psi, &got.ks, &got.js, &got.wasserstein, &got.hellinger, &got.chi2, &got.effect}) {
        EXPECT_EQ(estimate->why, NotComputable::kNoData);
      }
      continue;
    }
    ExpectCellDistances(got, expected);
    const BinError error = ErrorOf(baseline, current);
    const double ks = expected.at("ks");
    EXPECT_LE(got.ks.value, ks + 1e-12);
    EXPECT_GE(got.ks.value, ks - error.ks - 1e-12);
    EXPECT_GE(got.ks.high, ks - 1e-12);
    if (expected.at("wasserstein").is_null()) {
      EXPECT_FALSE(got.wasserstein.ok());
      continue;
    }
    const double sigma = std::sqrt(baseline.moments().population_variance());
    const double wasserstein = expected.at("wasserstein");
    ASSERT_TRUE(got.wasserstein.ok());
    EXPECT_NEAR(got.wasserstein.value, wasserstein, error.wasserstein / sigma + 1e-9 * wasserstein);
  }
}

TEST(GoldenDistances, CategoricalCasesAgreeWithScipy) {
  const json cases = Golden("categorical");
  ASSERT_EQ(cases.size(), 8);
  for (const json& golden : cases) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    std::vector<std::uint64_t> other;
    for (const std::string& name : golden.at("other").get<std::vector<std::string>>()) other.push_back(Hash64(name));
    const auto shape = FeatureShape::Categorical({golden.at("known").get<std::vector<std::string>>(), other});
    const auto summarise = [&](const json& counts) {
      FeatureSummary summary(shape);
      for (const auto& [name, count] : counts.items()) {
        const auto records = count.get<std::uint64_t>();
        if (name == "null") {
          summary.AddCategorical(std::vector(records, CategoryDictionary::kNoValue), {}, records, 0);
          continue;
        }
        const CategoryId id = shape->dictionary.Find(name);
        const bool unseen = id == CategoryDictionary::kUnseen;
        summary.AddCategorical(std::vector(records, id), std::vector<std::string_view>(unseen ? records : 0, name), 0,
                               0);
      }
      return summary;
    };
    const Distances got = Compare(summarise(golden.at("baseline")), summarise(golden.at("current")));
    ExpectCellDistances(got, golden.at("expected"));
    EXPECT_EQ(got.ks.why, NotComputable::kNotForThisType);
    EXPECT_EQ(got.wasserstein.why, NotComputable::kNotForThisType);
  }
}

}  // namespace
}  // namespace detectors
