// A NumericPlan's e-values have mean at most 1 on the whole null, and hardly less on its boundary.
#include "detectors/evidence/numeric_plan.h"

#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

#include "tests/detectors/evidence/log_e.h"

namespace detectors {
namespace {

using testing::NormalBelow;
using Shares = std::vector<double>;

constexpr std::size_t kBins = 240;
constexpr std::uint64_t kPerBin = 1'000'000'000;  // a baseline so large that its own error vanishes
constexpr std::array<double, NumericPlan::kScores> kIndependent = {1, 1, 1};

std::vector<std::uint64_t> EqualBins(std::uint64_t per_bin) { return std::vector<std::uint64_t>(kBins, per_bin); }

std::vector<double> LogE(const NumericPlan& plan, std::span<const std::uint64_t> counts,
                         std::span<const double, NumericPlan::kScores> effects = kIndependent) {
  std::vector<double> log_e(NumericPlan::kComponents);
  plan.Accumulate(counts, effects, log_e);
  return log_e;
}

// E[e] of a single record that falls into bin i with probability shares[i]; of n independent records it is its power.
std::vector<double> MeanOfOne(const NumericPlan& plan, const Shares& shares) {
  std::vector<double> mean(NumericPlan::kComponents);
  std::vector<std::uint64_t> counts(shares.size());
  for (std::size_t bin = 0; bin < shares.size(); ++bin) {
    counts[bin] = 1;
    const std::vector<double> log_e = LogE(plan, counts);
    counts[bin] = 0;
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += shares[bin] * std::exp(log_e[j]);
  }
  return mean;
}

// Quantile of the standard normal distribution by bisection.
double Quantile(double share) {
  double low = -10, high = 10;
  for (int i = 0; i < 80; ++i) (NormalBelow((low + high) / 2) < share ? low : high) = (low + high) / 2;
  return (low + high) / 2;
}

Shares NormalShares(double shift, double scale) {
  Shares shares;
  double below = 0;
  for (std::size_t bin = 1; bin <= kBins; ++bin) {
    const double upper = bin == kBins ? 1 : NormalBelow((Quantile(static_cast<double>(bin) / kBins) - shift) / scale);
    shares.push_back(upper - below);
    below = upper;
  }
  return shares;
}

TEST(NumericPlan, NullHoldsEveryShiftAndScaleChangeOfTheBand) {
  for (const double effect : {0.0, 0.05, 0.1, 0.25, 0.5, 1.0}) {
    const NumericPlan plan(EqualBins(kPerBin), {.min_effect = effect, .baseline_design_effect = 1});
    const double scale = 1 + effect / std::numbers::sqrt2;
    for (const auto& shares : {NormalShares(effect, 1), NormalShares(-effect, 1), NormalShares(0, scale),
                               NormalShares(0, 1 / scale), NormalShares(effect / 2, 1), NormalShares(0, 1)}) {
      const std::vector<double> mean = MeanOfOne(plan, shares);
      EXPECT_LE(std::ranges::max(mean), 1 + 1e-6) << "min_effect " << effect;
    }
  }
}

// The first score's band ends just where the shift does: beyond it the mean exceeds 1.
TEST(NumericPlan, ShiftBeyondTheBandGains) {
  const NumericPlan plan(EqualBins(kPerBin), {.min_effect = 0.1, .baseline_design_effect = 1});
  EXPECT_GT(MeanOfOne(plan, NormalShares(0.11, 1))[0], 1 + 1e-5);
  EXPECT_GT(MeanOfOne(plan, NormalShares(-0.11, 1))[NumericPlan::kSizes], 1 + 1e-5);
  EXPECT_GT(std::ranges::max(MeanOfOne(plan, NormalShares(0, 1.2))), 1 + 1e-4);
}

// A distribution with exactly τ of one score: p(1 + τ/var·s). There the bets of that score and side have mean 1.
TEST(NumericPlan, BetsAreFairOnTheBoundary) {
  const DeadBand band{.min_effect = 0.1, .baseline_design_effect = 4};
  const std::vector<std::uint64_t> reference = EqualBins(100);
  const NumericPlan plan(reference, band);
  std::vector<std::uint64_t> one(kBins);
  for (std::size_t k = 0; k < NumericPlan::kScores; ++k) {
    const double tau = band.OfScore(static_cast<int>(k + 1), 100.0 * kBins);
    for (const double sign : {1.0, -1.0}) {
      Shares shares;
      for (std::size_t bin = 0; bin < kBins; ++bin) {
        one[bin] = 1;
        shares.push_back((1 + sign * tau / plan.directions()[k].variance * plan.Scores(one).means[k]) / kBins);
        one[bin] = 0;
      }
      const std::vector<double> mean = MeanOfOne(plan, shares);
      const std::size_t first = (k * 2 + (sign > 0 ? 0 : 1)) * NumericPlan::kSizes;
      for (std::size_t size = 0; size < NumericPlan::kSizes; ++size) EXPECT_NEAR(mean[first + size], 1, 1e-6);
    }
  }
}

TEST(NumericPlan, EdgesAreFairOnTheBoundary) {
  const DeadBand band{.min_effect = 0.1, .baseline_design_effect = 4};
  const NumericPlan plan(EqualBins(100), band);
  for (std::size_t j = NumericPlan::kBets; j < NumericPlan::kComponents; ++j) {
    const NumericPlan::Meaning meaning = plan.MeaningOf(j);
    const double tau = band.OfEdge(meaning.share, 100.0 * kBins);
    const double q0 = meaning.share + (meaning.up ? tau : -tau);
    Shares shares(kBins, (1 - q0) / static_cast<double>(kBins - meaning.last_bin - 1));
    std::fill_n(shares.begin(), meaning.last_bin + 1, q0 / static_cast<double>(meaning.last_bin + 1));
    EXPECT_NEAR(MeanOfOne(plan, shares)[j], 1, 1e-6) << "component " << j;
  }
}

TEST(NumericPlan, LogEIsLinearInCountsAndDividedByTheDesignEffect) {
  const NumericPlan plan(EqualBins(100), {});
  std::vector<std::uint64_t> a(kBins), b(kBins), both(kBins);
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    a[bin] = bin % 5;
    b[bin] = bin / 20;
    both[bin] = a[bin] + b[bin];
  }
  const std::vector<double> of_a = LogE(plan, a), of_b = LogE(plan, b), of_both = LogE(plan, both);
  const std::array<double, 3> effects = {2, 5, 3};
  const std::vector<double> divided = LogE(plan, both, effects);
  for (std::size_t j = 0; j < NumericPlan::kComponents; ++j) {
    EXPECT_NEAR(of_both[j], of_a[j] + of_b[j], 1e-9 * (1 + std::abs(of_both[j])));
    const double effect = j < 2 * NumericPlan::kSizes ? 2 : 5;  // the largest up to the degree
    EXPECT_NEAR(divided[j], of_both[j] / effect, 1e-9 * (1 + std::abs(of_both[j])));
  }
}

TEST(NumericPlan, KeepsItsPlacesForPointMassesAndSmallBaselines) {
  std::vector<std::uint64_t> zero_inflated = EqualBins(10);
  zero_inflated[0] = 0;
  zero_inflated[7] = 5000;  // about two thirds
  const NumericPlan plan(zero_inflated, {.min_effect = 0.05, .baseline_design_effect = 1});
  ASSERT_TRUE(plan.usable());
  EXPECT_NEAR(std::accumulate(plan.weights().begin(), plan.weights().end(), 0.0), 1, 1e-5);
  double rows = 0;
  for (const std::uint64_t count : zero_inflated) rows += static_cast<double>(count);
  Shares shares;
  for (const std::uint64_t count : zero_inflated) shares.push_back(static_cast<double>(count) / rows);
  EXPECT_LE(std::ranges::max(MeanOfOne(plan, shares)), 1 + 1e-6);

  std::vector<std::uint64_t> constant(3);
  constant[1] = 1000;
  EXPECT_FALSE(NumericPlan(constant, {}).usable());
  EXPECT_FALSE(NumericPlan(std::vector<std::uint64_t>(3), {}).usable());
  EXPECT_FALSE(NumericPlan({}, {}).usable());
  const std::vector<std::uint64_t> tiny = {0, 1, 1, 0};
  for (const double value : LogE(NumericPlan(tiny, {}), std::vector<std::uint64_t>{9, 0, 0, 1}))
    EXPECT_TRUE(std::isfinite(value));
}

// Ranks know nothing of the size of an outlier: all records in one bin are finite evidence, one record is hardly any.
TEST(NumericPlan, OneRecordIsLittleAndAThousandInOneBinMuchEvidence) {
  const NumericPlan plan(EqualBins(400), {});
  std::vector<std::uint64_t> counts(kBins);
  counts.back() = 1;
  EXPECT_LT(std::ranges::max(LogE(plan, counts)), 2.5);
  counts.back() = 1000;
  const double most = std::ranges::max(LogE(plan, counts));
  EXPECT_GT(most, 500);
  EXPECT_TRUE(std::isfinite(most));
  counts.back() = 0;
  for (const double value : LogE(plan, counts)) EXPECT_EQ(value, 0);
}

TEST(NumericPlan, RefusesOtherBins) {
  const NumericPlan plan(EqualBins(100), {});
  std::vector<double> log_e(NumericPlan::kComponents);
  EXPECT_THROW(plan.Accumulate(std::vector<std::uint64_t>(3), kIndependent, log_e), std::invalid_argument);
  log_e.pop_back();
  EXPECT_THROW(plan.Accumulate(EqualBins(1), kIndependent, log_e), std::invalid_argument);
}

}  // namespace
}  // namespace detectors
