// VolumePlan and BoundedMeanPlan: mean of e at most 1 on the null by exact enumeration; what is plain is found.
#include "detectors/evidence/volume_plan.h"

#include <gtest/gtest.h>

#include "detectors/evidence/bounded_mean_plan.h"
#include "tests/detectors/evidence/log_e.h"

namespace detectors {
namespace {

using testing::Expectation;

std::vector<double> LogE(const VolumePlan& plan, std::uint64_t records) {
  std::vector<double> log_e(VolumePlan::kComponents);
  plan.Accumulate(records, log_e);
  return log_e;
}

TEST(VolumePlan, IsFairForGammaMixedPoissonCounts) {
  for (const double mean : {3.0, 200.0}) {
    for (const double dispersion : {1.0, 4.0, 30.0}) {
      const double tolerance = 0.2;
      const VolumePlan plan({.mean = mean, .dispersion = dispersion, .steps = 1e9}, tolerance);
      ASSERT_TRUE(plan.usable());
      for (const bool up : {true, false}) {
        const double at = mean * (up ? 1 + tolerance : 1 - tolerance);
        const std::vector<double> fair = Expectation(
            40'000,
            [&](std::uint64_t k) {
              // the shape κ = mean/(φ−1) of the reference at the band's end
              return dispersion == 1 ? testing::LogPoisson(k, at)
                                     : testing::LogNegativeBinomial(k, at, 1 + at * (dispersion - 1) / mean);
            },
            [&](std::uint64_t k) { return LogE(plan, k); });
        const std::vector<double> inside = Expectation(
            40'000, [&](std::uint64_t k) { return testing::LogPoisson(k, mean); },
            [&](std::uint64_t k) { return LogE(plan, k); });
        for (std::size_t j = 0; j < fair.size(); ++j) {
          EXPECT_LE(inside[j], 1 + 1e-6);
          if (VolumePlan::Up(j) == up) {
            EXPECT_NEAR(fair[j], 1, 1e-5) << mean << " " << dispersion << " " << j;
          }
        }
      }
    }
  }
}

TEST(VolumePlan, FindsSilenceAndAFloodAtOnce) {
  const VolumePlan plan({.mean = 1000, .dispersion = 10, .steps = 168}, 0.2);
  EXPECT_GT(std::ranges::max(LogE(plan, 0)), 20);
  EXPECT_GT(std::ranges::max(LogE(plan, 10'000)), 20);
  EXPECT_LT(std::ranges::max(LogE(plan, 1100)), 0);
  for (const double value : LogE(plan, 1'000'000'000'000)) EXPECT_TRUE(std::isfinite(value));
  EXPECT_FALSE(VolumePlan({}, 0.2).usable());
}

TEST(BoundedMeanPlan, IsFairForBernoulliValuesAtTheEndOfTheBand) {
  const BoundedMeanPlan plan({.low = 0, .high = 1, .mean = 0.3, .tolerance = 0.05});
  constexpr std::uint64_t kRecords = 50;
  for (const bool up : {true, false}) {
    const double q = up ? 0.35 : 0.25;
    const std::vector<double> mean = Expectation(
        kRecords, [&](std::uint64_t k) { return testing::LogBinomial(k, kRecords, q); },
        [&](std::uint64_t k) {
          std::vector<double> log_e(BoundedMeanPlan::kComponents);
          plan.Accumulate(kRecords, static_cast<double>(k), 1, log_e);
          return log_e;
        });
    for (std::size_t j = 0; j < mean.size(); ++j)
      if (BoundedMeanPlan::Up(j) == up) {
        EXPECT_LE(mean[j], 1 + 1e-9);
      }
  }
  std::vector<double> log_e(BoundedMeanPlan::kComponents);
  plan.Accumulate(1000, 500, 1, log_e);
  EXPECT_GT(std::ranges::max(log_e), 20);
  EXPECT_THROW(BoundedMeanPlan({.low = 1, .high = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace detectors
