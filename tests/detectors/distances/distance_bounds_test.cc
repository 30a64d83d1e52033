// Bias and bounds of the distances by simulation: multinomial samples from known shares.
#include <gtest/gtest.h>

#include <numeric>

#include "detectors/distances/distance.h"
#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Random;
using Measure = Estimate (*)(std::span<const std::uint64_t>, std::span<const std::uint64_t>);

constexpr std::size_t kCells = 10;

double Phi(double z) { return std::erfc(-z / M_SQRT2) / 2; }

// Shares of N(δ, 1) between the deciles of N(0, 1).
std::vector<double> SharesOfShift(double delta) {
  const double deciles[] = {-1.2815515655446004, -0.8416212335729143, -0.5244005127080407, -0.2533471031357997, 0,
                            0.2533471031357997,  0.5244005127080407,  0.8416212335729143,  1.2815515655446004};
  std::vector<double> shares;
  double below = 0;
  for (const double decile : deciles) {
    shares.push_back(Phi(decile - delta) - below);
    below = Phi(decile - delta);
  }
  shares.push_back(1 - below);
  return shares;
}

std::vector<std::uint64_t> Draw(std::uint64_t count, const std::vector<double>& shares, Random& random) {
  std::vector<std::uint64_t> counts;
  double left = 1;
  for (const double share : shares) {
    std::binomial_distribution<std::uint64_t> binomial(count, std::min(1.0, share / left));
    counts.push_back(counts.size() + 1 == shares.size() ? count : binomial(random));
    count -= counts.back();
    left -= share;
  }
  return counts;
}

// The value of a measure without sampling noise: on counts so large that it vanishes.
double Truth(Measure measure, const std::vector<double>& p, const std::vector<double>& q) {
  const auto counts = [](const std::vector<double>& shares) {
    std::vector<std::uint64_t> scaled;
    for (const double share : shares) scaled.push_back(static_cast<std::uint64_t>(std::llround(share * 1e15)));
    return scaled;
  };
  return measure(counts(p), counts(q)).value;
}

struct Coverage {
  double low = 0;   // share of trials whose lower bound is at most the truth
  double high = 0;  // share of trials whose upper bound is at least the truth
};

Coverage Cover(Measure measure, double delta, std::uint64_t m, std::uint64_t n, int trials, Random& random) {
  const std::vector<double> p = SharesOfShift(0);
  const std::vector<double> q = SharesOfShift(delta);
  const double truth = Truth(measure, p, q) + 1e-9;
  Coverage coverage;
  for (int trial = 0; trial < trials; ++trial) {
    const Estimate estimate = measure(Draw(m, p, random), Draw(n, q, random));
    coverage.low += estimate.low <= truth;
    coverage.high += estimate.high >= truth - 2e-9;
  }
  return {coverage.low / trials, coverage.high / trials};
}

// 2,000 trials: the standard error of a coverage of 95 % is 0.5 %, three of them are 1.5 %.
TEST(Bounds, OfPsiCover95Percent) {
  Random random(1);
  Coverage worst{1, 1};
  for (const double delta : {0.1, 0.25, 0.5, 1.0}) {
    for (const std::uint64_t n : {300, 1000, 10'000}) {
      for (const std::uint64_t m : {10'000, 1'000'000}) {
        const Coverage coverage = Cover(Psi, delta, m, n, 2000, random);
        worst = {std::min(worst.low, coverage.low), std::min(worst.high, coverage.high)};
        EXPECT_GE(coverage.low, 0.95 - 0.015) << delta << "σ, n = " << n << ", m = " << m;
        EXPECT_GE(coverage.high, 0.95 - 0.015) << delta << "σ, n = " << n << ", m = " << m;
      }
    }
  }
  RecordProperty("worst_coverage_low", std::to_string(worst.low));
  RecordProperty("worst_coverage_high", std::to_string(worst.high));
}

TEST(Bounds, OfTheOtherMeasuresCover95Percent) {
  Random random(2);
  for (const Measure measure : {JensenShannon, Hellinger, TotalVariation, LInfinity, KolmogorovSmirnov}) {
    for (const double delta : {0.1, 0.5}) {
      for (const std::uint64_t n : {300, 3000}) {
        const Coverage coverage = Cover(measure, delta, 20'000, n, 1000, random);
        EXPECT_GE(coverage.low, 0.95 - 0.021) << delta << "σ, n = " << n;
        EXPECT_GE(coverage.high, 0.95 - 0.021) << delta << "σ, n = " << n;
      }
    }
  }
}

// Without drift: the mean of 3,000 windows against the stated bias. PSI and chi-square are means, the roots
// (Jensen–Shannon, Hellinger) root mean squares, which lie some percent above the mean.
TEST(Bounds, BiasIsTheMeanWithoutDrift) {
  Random random(3);
  const std::vector<double> p = SharesOfShift(0);
  for (const std::uint64_t n : {200, 1000, 10'000}) {
    for (const auto& [measure, tolerance] : {std::pair<Measure, double>{Psi, 0.06},
                                             {ChiSquare, 0.04},
                                             {JensenShannon, 0.07},
                                             {Hellinger, 0.07},
                                             {TotalVariation, 0.04}}) {
      double sum = 0;
      double bias = 0;
      constexpr int kTrials = 3000;
      for (int trial = 0; trial < kTrials; ++trial) {
        const Estimate estimate = measure(Draw(5000, p, random), Draw(n, p, random));
        sum += estimate.value;
        bias = estimate.bias;
      }
      EXPECT_NEAR(sum / kTrials / bias, 1, tolerance) << "n = " << n;
    }
  }
}

// A window of 50 records without drift: the raw value is often above 0.1, the lower bound hardly ever.
TEST(Bounds, SmallWindowsDoNotLookLikeDrift) {
  Random random(4);
  const std::vector<double> p = SharesOfShift(0);
  int raw = 0;
  int bounded = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    const Estimate psi = Psi(Draw(1'000'000, p, random), Draw(50, p, random));
    raw += psi.value > 0.1;
    bounded += psi.low > 0.1;
  }
  EXPECT_GT(raw, 2000);
  EXPECT_LT(bounded, 40);
}

TEST(Bounds, ExactWithoutCells) { EXPECT_EQ(Psi({}, {}).why, NotComputable::kNoBaseline); }

}  // namespace
}  // namespace detectors
