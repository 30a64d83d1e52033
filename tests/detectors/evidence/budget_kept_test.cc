// Short versions of verdict_bench: the stated budget of false alarms is kept, a real change is found, its begin is
// told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "bench/verdict_simulation.h"

namespace bench {
namespace {

// Ten alarms a month among 20 features: a budget large enough for a short simulation to use it up.
constexpr Scenario kShort = {.features = 20, .records = 200, .baseline_rows = 10'000, .budget = 10};

double FalseAlarms(const Scenario& scenario, std::size_t months) {
  double alarms = 0;
  for (std::size_t month = 0; month < months; ++month) {
    const Alarms result = SimulateMonth(scenario, 50 + month);
    alarms += static_cast<double>(result.distribution + result.rates);
  }
  return alarms / static_cast<double>(months);
}

// Beyond chance: more than the budget plus three standard errors of as many independent alarms.
void ExpectKept(const Scenario& scenario, const char* what) {
  constexpr std::size_t kMonths = 6;
  EXPECT_LE(FalseAlarms(scenario, kMonths), scenario.budget + 3 * std::sqrt(scenario.budget / kMonths)) << what;
}

TEST(BudgetKept, WithIndependentRecords) { ExpectKept(kShort, "independent"); }

TEST(BudgetKept, WithAutocorrelatedRecords) {
  Scenario scenario = kShort;
  for (const double rho : {0.3, 0.6, 0.9}) {
    scenario.traffic_rho = rho;
    ExpectKept(scenario, "AR(1)");
  }
  scenario.baseline_rho = 0.9;
  for (const auto order : {BaselineOrder::kTime, BaselineOrder::kUnknown}) {
    scenario.order = order;
    ExpectKept(scenario, "AR(1), baseline too");
  }
}

TEST(BudgetKept, WithWobbleGapsAndAShiftInsideTheBand) {
  Scenario wobble = kShort;
  wobble.wobble = 0.1;
  ExpectKept(wobble, "wobble");
  Scenario gaps = kShort;
  gaps.gaps = true;
  ExpectKept(gaps, "gaps");
  Scenario standing = kShort;
  standing.min_effect = 0.1;
  standing.standing = 0.1;
  ExpectKept(standing, "standing shift");
}

// The simulation can tell: a baseline of sessions that is said to be of independent rows breaks the budget.
TEST(BudgetKept, ButNotWithAFalseStatementAboutTheBaseline) {
  Scenario scenario = kShort;
  scenario.records = 1000;
  scenario.baseline_rho = 0.9;
  EXPECT_GT(FalseAlarms(scenario, 2), 3 * scenario.budget);
}

struct Delays {
  double mean = 0;
  double median_error = 0;  // of the begin, absolute
};

Delays DelaysOf(const Scenario& scenario, const Change& change) {
  constexpr std::size_t kRuns = 200;
  Delays delays;
  std::vector<double> errors;
  for (std::size_t run = 0; run < kRuns; ++run) {
    const Detection detection = SimulateChange(scenario, change, 200, 400, 1 + run);
    EXPECT_TRUE(detection.detected);
    delays.mean += static_cast<double>(detection.delay) / kRuns;
    errors.push_back(std::abs(static_cast<double>(detection.began_error)));
  }
  std::ranges::sort(errors);
  delays.median_error = errors[kRuns / 2];
  return delays;
}

// STATISTICS 13, with the thresholds of 100 features, one alarm a month and steps of 1,000 records; 200 runs each.
TEST(Delay, MeetsItsTargets) {
  const Scenario none = {};
  Scenario band;
  band.min_effect = 0.1;
  EXPECT_LE(DelaysOf(none, {.shift = 0.1}).mean, 6);
  EXPECT_LE(DelaysOf(none, {.shift = 0.25}).mean, 1.2);
  EXPECT_LE(DelaysOf(none, {.shift = -0.5}).mean, 1.05);
  EXPECT_LE(DelaysOf(none, {.scale = 1.1}).mean, 6);
  EXPECT_LE(DelaysOf(band, {.shift = 0.25}).mean, 2.5);
  EXPECT_LE(DelaysOf(band, {.shift = 0.5}).mean, 1.1);
}

TEST(Delay, TellsWhenTheChangeBegan) {
  EXPECT_LE(DelaysOf({}, {.shift = 0.1}).median_error, 1);
  EXPECT_LE(DelaysOf({.records = 50}, {.shift = 0.5}).median_error, 1);
}

// With times in the training data nothing has to be learnt: a change in the first hours is found at once, where the
// default waits with its conservative design effect. (Of training data with a hundredth of the live rows an hour,
// chance alone could hide a wobble that matters live.)
TEST(Delay, IsShorterWithTheTimesOfTheTrainingRows) {
  const auto mean_delay = [](BaselineOrder order, std::size_t clean) {
    constexpr std::size_t kRuns = 60;
    constexpr std::size_t kLimit = 100;
    const Scenario scenario{.baseline_rows = 100'000, .order = order, .min_effect = 0.1};
    double sum = 0;
    for (std::size_t run = 0; run < kRuns; ++run) {
      const Detection detection = SimulateChange(scenario, {.shift = 0.25}, clean, kLimit, 1 + run);
      sum += static_cast<double>(detection.detected ? detection.delay : kLimit) / kRuns;
    }
    return sum;
  };
  EXPECT_LE(mean_delay(BaselineOrder::kTime, 0), 5);
  EXPECT_GT(mean_delay(BaselineOrder::kUnknown, 0), 10);
  EXPECT_LT(mean_delay(BaselineOrder::kTime, 200), 3);
}

}  // namespace
}  // namespace bench
