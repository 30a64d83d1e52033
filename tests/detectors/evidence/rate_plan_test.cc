// A RatePlan's e-values by exact enumeration of counts: mean at most 1 on the null, for binomial counts and for those
// whose variance is the design effect times binomial.
#include "detectors/evidence/rate_plan.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/detectors/evidence/log_e.h"

namespace detectors {
namespace {

using testing::Expectation;
using testing::LogBinomial;
using testing::LogNegativeBinomial;

std::vector<double> LogE(const RatePlan& plan, Tally step, double effect = 1) {
  std::vector<double> log_e(plan.components());
  plan.Accumulate({&step, 1}, {&effect, 1}, log_e);
  return log_e;
}

RatePlan PlanOf(std::uint64_t events, std::uint64_t records,
                DeadBand band = {.min_effect = 0, .baseline_design_effect = 1}) {
  const Tally reference{.events = events, .records = records};
  return {{&reference, 1}, band};
}

// The largest E[e] among the components of one side.
double Worst(const std::vector<double>& mean, bool up) {
  double worst = 0;
  for (std::size_t j = 0; j < mean.size(); ++j)
    if (RatePlan::MeaningOf(j).up == up) worst = std::max(worst, mean[j]);
  return worst;
}

TEST(RatePlan, IsFairOnTheWholeNullOfABinomialRate) {
  for (const std::uint64_t events : {0, 1, 20, 300, 700, 990, 1000}) {
    for (const double effect : {0.0, 0.1}) {
      const RatePlan plan = PlanOf(events, 1000, {.min_effect = effect, .baseline_design_effect = 1});
      const DeadBand::Shares null = plan.null_of(0);
      for (const std::uint64_t n : {1, 7, 60, 400}) {
        const auto mean_at = [&](double q) {
          return Expectation(
              n, [&](std::uint64_t k) { return LogBinomial(k, n, q); },
              [&](std::uint64_t k) { return LogE(plan, {.events = k, .records = n}); });
        };
        EXPECT_LE(Worst(mean_at(null.high), true), 1 + 1e-9) << events << " of 1000, n " << n;
        EXPECT_LE(Worst(mean_at(null.high * 0.7), true), 1 + 1e-9);
        if (null.low > 0) {
          EXPECT_LE(Worst(mean_at(null.low), false), 1 + 1e-9) << events << " of 1000, n " << n;
          EXPECT_LE(Worst(mean_at(null.low + 0.7 * (1 - null.low)), false), 1 + 1e-9);
        }
        // Outside, the mean grows: what bounds it is the null and not a detector that never gains.
        EXPECT_GT(Worst(mean_at(null.high + 0.2 * (1 - null.high)), true), 1);
      }
    }
  }
}

TEST(RatePlan, IsFairForOverDispersedCounts) {
  for (const std::uint64_t events : {0, 20, 100}) {
    const RatePlan plan = PlanOf(events, 1000);
    const DeadBand::Shares null = plan.null_of(0);
    for (const double effect : {1.5, 5.0, 20.0}) {
      constexpr std::uint64_t kRecords = 2000;
      const auto mean_at = [&](double q) {
        return Expectation(
            kRecords, [&](std::uint64_t k) { return LogNegativeBinomial(k, kRecords * q, effect * (1 - q)); },
            [&](std::uint64_t k) { return LogE(plan, {.events = k, .records = kRecords}, effect); });
      };
      EXPECT_LE(Worst(mean_at(null.high), true), 1 + 1e-6) << "effect " << effect;
      if (null.low > 0) {
        EXPECT_LE(Worst(mean_at(null.low), false), 1 + 1e-6) << "effect " << effect;
      }
    }
  }
}

// 500 records, a category that 10,000 rows never showed (STATISTICS, accidents): one record is nothing, 5 % is plain.
TEST(RatePlan, WhatWasNeverSeenIsFoundButNotByOneRecord) {
  const RatePlan plan = PlanOf(0, 10'000, {});
  EXPECT_LT(std::ranges::max(LogE(plan, {.events = 1, .records = 500})), 2);
  EXPECT_GT(std::ranges::max(LogE(plan, {.events = 25, .records = 500})), 12);
  // The same while nothing is known of how such records come together: a step is 2.5 nats, not infinity and not none.
  EXPECT_GT(std::ranges::max(LogE(plan, {.events = 25, .records = 500}, 20)), 1.5);
}

// Threshold of a feature among 100 with one alarm a month, hourly: an error rate of .20 that becomes .25 is found
// within 1,500 records (STATISTICS 13), updated every 50 records; expected growth alone, without luck.
TEST(RatePlan, ErrorRateFromTwentyToTwentyFivePercent) {
  const RatePlan plan = PlanOf(200'000, 1'000'000);
  std::vector<double> sum(plan.components());
  for (std::size_t step = 0; step < 30; ++step) {
    const std::vector<double> log_e = LogE(plan, {.events = 25, .records = 100});
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += log_e[j] / 2;
  }
  EXPECT_GT(std::ranges::max(sum), std::log(20'000) + std::log(plan.components()) - 4);
}

TEST(RatePlan, WeightsAddUpAndFollowShares) {
  const std::vector<Tally> reference = {{.events = 5, .records = 1000}, {}, {.events = 0, .records = 1000}};
  const std::vector<double> shares = {3, 9, 1};
  const RatePlan plan(reference, {}, shares);
  const auto weight_of = [&](std::size_t rate) {
    const auto part = plan.weights().subspan(rate * RatePlan::kPerRate, RatePlan::kPerRate);
    return std::accumulate(part.begin(), part.end(), 0.0);
  };
  EXPECT_NEAR(weight_of(0) + weight_of(2), 1, 1e-6);
  EXPECT_EQ(weight_of(1), 0);  // nothing is known of it
  EXPECT_GT(weight_of(0), weight_of(2));
  EXPECT_FALSE(RatePlan(std::vector<Tally>{{}}, {}).usable());
  EXPECT_THROW(RatePlan(reference, {}, std::vector<double>{1}), std::invalid_argument);
}

TEST(RatePlan, EveryCountIsFinite) {
  for (const std::uint64_t events : {0ULL, 1ULL, 1000ULL}) {
    const RatePlan plan = PlanOf(events, 1000, {});
    for (const double effect : {0.0, 1.0, 1e3, 1e30}) {
      for (const Tally step : {Tally{0, 0}, Tally{0, 1}, Tally{1, 1}, Tally{1'000'000'000, 1'000'000'000}}) {
        for (const double value : LogE(plan, step, effect)) EXPECT_FALSE(std::isnan(value));
      }
    }
  }
}

}  // namespace
}  // namespace detectors
