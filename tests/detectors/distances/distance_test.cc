#include "detectors/distances/distance.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Normal;
using testing::Random;
using testing::ShapeOf;
using testing::Summarise;

std::vector<Estimate> All(const Distances& d) {
  return {d.psi, d.ks, d.js, d.wasserstein, d.hellinger, d.total_variation, d.linf, d.chi2, d.effect};
}

double ExactKs(std::vector<double> a, std::vector<double> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  double worst = 0;
  const auto share = [](const std::vector<double>& sorted, double value) {
    return static_cast<double>(std::ranges::upper_bound(sorted, value) - sorted.begin()) /
           static_cast<double>(sorted.size());
  };
  for (const auto* side : {&a, &b}) {
    for (const double value : *side) worst = std::max(worst, std::abs(share(a, value) - share(b, value)));
  }
  return worst;
}

// The defining property of the fine bins, over distributions that differ in every way: 0 ≤ D − D_bins ≤ max min(p, q) ≤
// max bin mass.
TEST(Distance, KolmogorovSmirnovIsWithinTheLargestBin) {
  Random random(1);
  for (int trial = 0; trial < 150; ++trial) {
    std::vector<double> a = Normal(200 + random() % 4000, random);
    std::vector<double> b =
        Normal(5 + random() % 3000, random, static_cast<double>(trial % 5) / 10, 1 + static_cast<double>(trial % 3));
    if (trial % 4 == 1) {
      for (double& value : a) value = std::exp(2 * value);
      for (double& value : b) value = std::exp(2 * value);
    } else if (trial % 4 == 2) {
      for (double& value : a) value = std::round(value * 3);
      for (double& value : b) value = std::round(value * 3);
    }
    const auto shape = ShapeOf(a);
    const FeatureSummary baseline = Summarise(shape, a);
    const double exact = ExactKs(a, b);
    const double binned = KolmogorovSmirnov(baseline.bins(), Summarise(shape, b).bins()).value;
    const double largest =
        static_cast<double>(*std::ranges::max_element(baseline.bins())) / static_cast<double>(a.size());
    EXPECT_LE(binned, exact + 1e-12);
    EXPECT_GE(binned, exact - largest - 1e-12);
  }
}

TEST(Distance, OfIdenticalSummariesIsZero) {
  Random random(2);
  const std::vector<double> values = Normal(1000, random);
  const FeatureSummary summary = Summarise(ShapeOf(values), values);
  for (const Estimate& estimate : All(Compare(summary, summary))) {
    EXPECT_TRUE(estimate.ok());
    EXPECT_EQ(estimate.value, 0);
  }
}

TEST(Distance, SaysWhyItCannotBeComputed) {
  Random random(3);
  const std::vector<double> values = Normal(1000, random);
  const auto shape = ShapeOf(values);
  const FeatureSummary full = Summarise(shape, values);
  const FeatureSummary empty(shape);
  for (const Estimate& estimate : All(Compare(full, empty))) EXPECT_EQ(estimate.why, NotComputable::kNoData);
  for (const Estimate& estimate : All(Compare(empty, full))) EXPECT_EQ(estimate.why, NotComputable::kNoBaseline);
  for (const Estimate& estimate : All(Compare(empty, empty))) {
    EXPECT_EQ(estimate.why, NotComputable::kNoBaseline);
    EXPECT_TRUE(std::isnan(estimate.value) && std::isnan(estimate.bias) && std::isnan(estimate.low) &&
                std::isnan(estimate.high));
  }
  const auto constant = ShapeOf({0.1, 0.1, 0.1});
  const FeatureSummary same = Summarise(constant, std::vector<double>(1000, 0.1));
  EXPECT_EQ(Compare(same, Summarise(constant, values)).wasserstein.why, NotComputable::kSingleValue);
  for (const double wild : {HUGE_VAL, -HUGE_VAL, 1e300}) {
    const Distances got = Compare(full, Summarise(shape, std::vector<double>{0, wild}));
    EXPECT_EQ(got.wasserstein.why, NotComputable::kInfinite);
    EXPECT_TRUE(got.psi.ok() && got.ks.ok() && got.effect.ok());
  }
  EXPECT_THROW(Compare(full, same), std::invalid_argument);
}

TEST(Distance, EveryReasonHasItsOwnWords) {
  std::set<std::string_view> words;
  for (int why = 0; why <= static_cast<int>(NotComputable::kNotForThisType); ++why)
    words.insert(Reason(static_cast<NotComputable>(why)));
  EXPECT_EQ(words.size(), 6);
}

// Never NaN or infinite where it says that it has computed; bounds in order and around the debiased value.
TEST(Distance, ComputedNumbersAreFiniteForAnyCounts) {
  Random random(4);
  for (int trial = 0; trial < 20'000; ++trial) {
    const std::size_t cells = 1 + random() % 12;
    std::vector<std::uint64_t> p(cells);
    std::vector<std::uint64_t> q(cells);
    for (auto* side : {&p, &q}) {
      for (std::uint64_t& count : *side)
        count = random() % 3 == 0 ? 0 : random() % (std::uint64_t{1} << (random() % 45));
    }
    for (const auto measure :
         {Psi, JensenShannon, Hellinger, TotalVariation, LInfinity, ChiSquare, KolmogorovSmirnov}) {
      const Estimate estimate = measure(p, q);
      if (!estimate.ok()) continue;
      ASSERT_TRUE(std::isfinite(estimate.value) && std::isfinite(estimate.bias));
      ASSERT_TRUE(std::isfinite(estimate.low) && std::isfinite(estimate.high));
      ASSERT_GE(estimate.value, 0);
      ASSERT_GE(estimate.low, 0);
      ASSERT_LE(estimate.low, estimate.high);
      ASSERT_LE(estimate.low, estimate.value + 1e-12);
    }
  }
}

TEST(Distance, RefusesDifferentNumbersOfCells) {
  const std::vector<std::uint64_t> three = {1, 2, 3};
  const std::vector<std::uint64_t> two = {1, 2};
  EXPECT_THROW(Psi(three, two), std::invalid_argument);
  EXPECT_THROW(KolmogorovSmirnov(three, two), std::invalid_argument);
}

// A shift of the whole distribution by d is a Wasserstein distance of d/σ, however far it goes beyond the baseline's
// range.
TEST(Distance, WassersteinOfAShiftIsTheShiftInStandardDeviations) {
  Random random(5);
  const std::vector<double> values = Normal(20'000, random, 3, 2);
  const auto shape = ShapeOf(values);
  const FeatureSummary baseline = Summarise(shape, values);
  const double sigma = std::sqrt(baseline.moments().population_variance());
  for (const double shift : {-1e6, -5.0, -0.3, 0.02, 1.0, 40.0, 1e9}) {
    std::vector<double> moved = values;
    for (double& value : moved) value += shift;
    const double expected = std::abs(shift) / sigma;
    EXPECT_NEAR(Compare(baseline, Summarise(shape, moved)).wasserstein.value, expected, 0.002 + 0.002 * expected)
        << shift;
  }
}

TEST(Distance, CategoricalCellsAreKnownOtherAndUnseen) {
  const auto shape = FeatureShape::Categorical({{"a", "b"}, {7}});
  FeatureSummary summary(shape);
  const std::vector<CategoryId> ids = {
      0, 0, 1, CategoryDictionary::kOther, CategoryDictionary::kUnseen, CategoryDictionary::kNoValue};
  const std::vector<std::string_view> names = {"new"};
  summary.AddCategorical(ids, names, 1, 0);
  EXPECT_EQ(CoarseCells(summary, true), (std::vector<std::uint64_t>{2, 1, 1, 1}));
  EXPECT_EQ(CoarseCells(summary, false), (std::vector<std::uint64_t>{2, 1, 2}));
}

double PsiOfShift(double delta) {
  double psi = 0;
  const double deciles[] = {
      -HUGE_VAL, -1.2815515655446004, -0.8416212335729143, -0.5244005127080407, -0.2533471031357997,
      0,         0.2533471031357997,  0.5244005127080407,  0.8416212335729143,  1.2815515655446004,
      HUGE_VAL};
  for (int cell = 0; cell < 10; ++cell) {
    // The difference of two tails on the side where neither is close to 1.
    const double q =
        (std::erfc((deciles[cell] - delta) / M_SQRT2) - std::erfc((deciles[cell + 1] - delta) / M_SQRT2)) / 2;
    const double other =
        (std::erfc((delta - deciles[cell + 1]) / M_SQRT2) - std::erfc((delta - deciles[cell]) / M_SQRT2)) / 2;
    const double share = deciles[cell] > delta ? q : other;
    psi += (share - 0.1) * std::log(share / 0.1);
  }
  return psi;
}

TEST(EffectOfPsi, InvertsThePsiOfAShiftTo1e6) {
  for (double delta = 0.0005; delta < 12; delta *= 1.01)
    EXPECT_NEAR(EffectOfPsi(PsiOfShift(delta)), delta, 1e-6) << delta;
}

TEST(EffectOfPsi, AgreesWithThePublishedTable) {
  for (const auto& [delta, psi] :
       {std::pair{.05, .0024}, {.10, .0096}, {.25, .0598}, {.32, .098}, {.46, .2015}, {.5, .238}, {1.0, .926}}) {
    EXPECT_NEAR(PsiOfShift(delta), psi, 0.0005) << delta;
    EXPECT_NEAR(EffectOfPsi(psi), delta, 0.001) << delta;
  }
}

TEST(EffectOfPsi, IsZeroAtZeroAndNeverFalls) {
  EXPECT_EQ(EffectOfPsi(0), 0);
  EXPECT_EQ(EffectOfPsi(-1), 0);
  double last = 0;
  for (double psi = 1e-12; psi < 1e6; psi *= 1.001) {
    const double effect = EffectOfPsi(psi);
    ASSERT_GE(effect, last) << psi;
    last = effect;
  }
  EXPECT_EQ(last, 30);
}

TEST(Distance, EffectIsThatOfTheDebiasedPsi) {
  Random random(6);
  const std::vector<double> values = Normal(50'000, random);
  const auto shape = ShapeOf(values);
  const FeatureSummary baseline = Summarise(shape, values);
  const Distances got = Compare(baseline, Summarise(shape, Normal(20'000, random, 0.5)));
  EXPECT_NEAR(got.effect.value, 0.5, 0.03);
  EXPECT_EQ(got.effect.value, EffectOfPsi(got.psi.value - got.psi.bias));
  EXPECT_EQ(got.effect.low, EffectOfPsi(got.psi.low));
  EXPECT_EQ(got.effect.high, EffectOfPsi(got.psi.high));
  EXPECT_EQ(got.cells, 10);
}

}  // namespace
}  // namespace detectors
