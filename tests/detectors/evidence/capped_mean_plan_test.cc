// Evidence of a mean squared error: within the budget for normal and for heavy-tailed errors, quick where it has grown.
#include "detectors/evidence/capped_mean_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "detectors/evidence/shiryaev_roberts.h"

namespace detectors {
namespace {

// Laplace errors of mean square 2 and fourth moment 24, or normal ones of mean square 1 and fourth moment 3.
struct Errors {
  bool laplace;
  double Square(std::mt19937_64& random) const {
    const double e = laplace ? std::exponential_distribution<>(1)(random) : std::normal_distribution<>(0, 1)(random);
    return e * e;
  }
  CappedMeanPlan::Reference reference() const {
    return laplace ? CappedMeanPlan::Reference{.mean = 2, .variance = 20, .records = 1e5}
                   : CappedMeanPlan::Reference{.mean = 1, .variance = 2, .records = 1e5};
  }
};

// Alarms in `steps` steps at threshold c, with errors `factor` times as large.
std::size_t Alarms(const Errors& errors, std::uint64_t records, double factor, std::size_t steps, double c) {
  std::mt19937_64 random(records);
  const CappedMeanPlan plan(errors.reference(), DeadBand{.min_effect = 0, .baseline_design_effect = 1});
  ShiryaevRoberts evidence(CappedMeanPlan::kComponents);
  std::size_t alarms = 0;
  for (std::uint32_t step = 0; step < steps; ++step) {
    double sum = 0;
    for (std::uint64_t i = 0; i < records; ++i) sum += factor * factor * errors.Square(random);
    std::array<double, CappedMeanPlan::kComponents> log_e{};
    plan.Accumulate(records, sum, 1, log_e);
    alarms += evidence.Update(step, records, log_e, plan.weights(), c).alarm ? 1 : 0;
  }
  return alarms;
}

// 20,000 steps at c = 1,000 may have 20 alarms; three standard errors of a Poisson count more are 33.
TEST(CappedMeanPlan, KeepsTheBudgetForNormalAndForHeavyTailedErrors) {
  for (const bool laplace : {false, true}) {
    for (const std::uint64_t records : {30, 300})
      EXPECT_LE(Alarms({laplace}, records, 1, 20'000, 1000), 33U) << laplace << " " << records;
  }
}

TEST(CappedMeanPlan, ARootMeanSquareAQuarterLargerIsFoundInAFewSteps) {
  EXPECT_GE(Alarms({false}, 300, 1.25, 40, 1000), 8U);
  EXPECT_GE(Alarms({true}, 1000, 1.25, 40, 1000), 4U);
}

TEST(CappedMeanPlan, OneAccidentIsAtMostSixNats) {
  const CappedMeanPlan plan(Errors{false}.reference(), DeadBand{});
  std::array<double, CappedMeanPlan::kComponents> log_e{};
  plan.Accumulate(10, 1e12, 1, log_e);
  for (std::size_t j = 0; j < log_e.size(); ++j) {
    EXPECT_LE(log_e[j], 6);
    EXPECT_EQ(log_e[j] > 0, CappedMeanPlan::Up(j));
  }
  EXPECT_THROW(CappedMeanPlan({.mean = 1, .variance = 0, .records = 5}, DeadBand{}), std::invalid_argument);
}

}  // namespace
}  // namespace detectors
