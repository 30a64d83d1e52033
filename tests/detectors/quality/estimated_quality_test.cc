// Quality without labels against the same computed record by record, and against the labels that come later.
#include "detectors/quality/estimated_quality.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "detectors/quality/classification.h"
#include "detectors/quality/isotonic.h"
#include "tests/detectors/quality/outcomes.h"

namespace detectors {
namespace {

using testing::kNegative;
using testing::kPositive;
using testing::Random;

// 512 bins, by the quantiles of the reference's scores.
ScoreBins BinsOf(std::vector<Outcome> reference) {
  std::ranges::sort(reference, {}, &Outcome::score);
  std::vector<double> quantiles;
  for (std::size_t i = 1; i < 248; ++i) quantiles.push_back(reference[i * reference.size() / 248].score);
  return ScoreBins::Make(quantiles);
}

void Rebin(std::vector<Outcome>& outcomes, const ScoreBins& bins) {
  for (Outcome& outcome : outcomes) outcome.bin = bins.BinOf(outcome.score);
}

std::vector<Outcome> WithoutLabels(std::vector<Outcome> outcomes) {
  for (Outcome& outcome : outcomes) outcome.label = kNone;
  return outcomes;
}

// The chance of each record by isotonic regression on single records, interpolated as scikit-learn does.
class PerRecord {
 public:
  explicit PerRecord(std::vector<Outcome> reference) {
    std::ranges::sort(reference, {}, &Outcome::score);
    std::vector<double> sums, weights;
    for (const Outcome& outcome : reference) {
      if (scores_.empty() || scores_.back() != outcome.score) {
        scores_.push_back(outcome.score);
        sums.push_back(0);
        weights.push_back(0);
      }
      sums.back() += outcome.label == kPositive ? 1 : 0;
      weights.back() += 1;
    }
    for (const IsotonicBlock& block : IsotonicRegression(sums, weights))
      rates_.insert(rates_.end(), block.size, block.rate);
  }
  double operator()(double score) const {
    const auto after = std::ranges::lower_bound(scores_, score);
    if (after == scores_.begin()) return rates_.front();
    if (after == scores_.end()) return rates_.back();
    const auto i = static_cast<std::size_t>(after - scores_.begin());
    const double share = (score - scores_[i - 1]) / (scores_[i] - scores_[i - 1]);
    return rates_[i - 1] + share * (rates_[i] - rates_[i - 1]);
  }

 private:
  std::vector<double> scores_, rates_;
};

template <class Function>
std::map<std::string, double> RecordByRecord(std::vector<Outcome> outcomes, Function chance) {
  std::ranges::sort(outcomes, {}, &Outcome::score);
  double tp = 0, fp = 0, fn = 0, tn = 0, below = 0, pairs = 0;
  for (const Outcome& outcome : outcomes) {
    const double p = chance(outcome.score);
    (outcome.predicted == kPositive ? tp : fn) += p;
    (outcome.predicted == kPositive ? fp : tn) += 1 - p;
    pairs += p * (below + (1 - p) / 2);
    below += 1 - p;
  }
  return {{"accuracy", (tp + tn) / (tp + fp + fn + tn)},
          {"precision", tp / (tp + fp)},
          {"recall", tp / (tp + fn)},
          {"f1", 2 * tp / (2 * tp + fp + fn)},
          {"auc", pairs / ((tp + fn) * (fp + tn))}};
}

// 200 chunks of 5,000: shifted scores, two thresholds. Where scores are taken as they are, bins alone make the
// difference: at most 2e-4. Isotonic regression of bins and of single records are, besides, two fits of one noisy
// reference: they differ by up to 8e-4, a tenth of what either is away from the truth.
TEST(EstimatedQuality, FromBinsIsCloseToTheEstimateRecordByRecord) {
  Random random(1);
  for (const double slope : {1.0, 0.6}) {
    auto reference = testing::DrawMany(50'000, {.slope = slope}, ScoreBins::Make({}), random);
    const ScoreBins bins = BinsOf(reference);
    Rebin(reference, bins);
    const Calibration calibration = Calibration::Fit(testing::CountsOf(reference), bins);
    ASSERT_EQ(calibration.isotonic(), slope != 1);
    const PerRecord isotonic(reference);
    std::map<std::string, double> worst;
    for (int chunk = 0; chunk < 100; ++chunk) {
      const testing::World world{.shift = (chunk % 5 - 2) * 0.3, .slope = slope, .threshold = chunk % 2 ? 0.5 : 0.3};
      const auto outcomes = testing::DrawMany(5000, world, bins, random);
      const auto got = EstimatedQuality(testing::CountsOf(WithoutLabels(outcomes)), calibration, kPositive);
      const auto expected = calibration.isotonic() ? RecordByRecord(outcomes, isotonic)
                                                   : RecordByRecord(outcomes, [](double score) { return score; });
      EXPECT_EQ(got.size(), expected.size());
      for (const auto& [name, value] : expected)
        worst[name] = std::max(worst[name], std::abs(got.at(name).value - value));
    }
    for (const auto& [name, error] : worst) {
      std::printf("slope %.1f (%s), %s: %.1e\n", slope, calibration.isotonic() ? "isotonic" : "as it is", name.c_str(),
                  error);
      EXPECT_LE(error, calibration.isotonic() ? 1e-3 : 2e-4) << name;
    }
  }
}

// The labels come later: the interval holds the quality that they show.
TEST(EstimatedQuality, IntervalCoversTheRealisedQuality) {
  const ScoreBins bins = ScoreBins::Make({});
  Random random(2);
  std::map<std::string, int> covered;
  int trials = 0;
  for (int fit = 0; fit < 100; ++fit) {
    // A small reference: its own uncertainty is as large as that of the chunk.
    const auto reference = testing::CountsOf(testing::DrawMany(4000, {.slope = 0.6}, bins, random));
    const Calibration calibration = Calibration::Fit(reference, bins);
    for (int chunk = 0; chunk < 20; ++chunk, ++trials) {
      const testing::World world{.shift = (chunk % 3 - 1) * 0.4, .slope = 0.6};
      const auto counts = testing::CountsOf(testing::DrawMany(2000, world, bins, random));
      const auto realised = BinaryMetrics(counts, kPositive);
      for (const auto& [name, estimate] : EstimatedQuality(counts, calibration, kPositive)) {
        const double value = realised.at(name).value;
        covered[name] += estimate.low <= value && value <= estimate.high ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(covered.size(), 5);
  for (const auto& [name, count] : covered) {
    const double share = count / static_cast<double>(trials);
    std::printf("coverage of %s: %.4f\n", name.c_str(), share);
    EXPECT_GE(share, 0.92) << name;
    EXPECT_LE(share, 0.98) << name;
  }
}

TEST(EstimatedQuality, DoesNotSeeConceptDrift) {
  const ScoreBins bins = ScoreBins::Make({});
  Random random(3);
  const Calibration calibration =
      Calibration::Fit(testing::CountsOf(testing::DrawMany(50'000, {}, bins, random)), bins);
  const auto drifted = testing::CountsOf(testing::DrawMany(50'000, {.slope = 0.3}, bins, random));
  const double estimated = EstimatedQuality(drifted, calibration, kPositive).at("accuracy").value;
  EXPECT_GT(estimated, BinaryMetrics(drifted, kPositive).at("accuracy").value + 0.05);
}

TEST(EstimatedQuality, OfSeveralClassesIsTheirAccuracy) {
  const ScoreBins bins = ScoreBins::Make({});
  Random random(4);
  std::uniform_real_distribution<double> uniform(0, 1);
  // Right with a chance of 0.2 + 0.6·score.
  const auto draw = [&](double least) {
    const auto score = static_cast<float>(least + (1 - least) * uniform(random));
    const auto predicted = static_cast<std::uint16_t>(random() % 5);
    const bool right = uniform(random) < 0.2 + 0.6 * static_cast<double>(score);
    return Outcome{.bin = bins.BinOf(score),
                   .predicted = predicted,
                   .label = static_cast<std::uint16_t>(right ? predicted : predicted + 1),
                   .score = score};
  };
  ClassificationCounts reference;
  for (int i = 0; i < 50'000; ++i) reference.Add(draw(0.2));
  const Calibration calibration = Calibration::Fit(reference, bins);
  EXPECT_TRUE(calibration.isotonic());
  ClassificationCounts live;
  for (int i = 0; i < 50'000; ++i) live.Add(draw(0.6));
  const QualityMeasures got = EstimatedQuality(live, calibration, kNone);
  ASSERT_EQ(got.size(), 1);
  EXPECT_NEAR(got.at("accuracy").value, 0.2 + 0.6 * 0.8, 0.01);
  EXPECT_NEAR(got.at("accuracy").value, MulticlassMetrics(live).at("accuracy").value, 0.01);
}

TEST(EstimatedQuality, SaysWhyItIsNotComputable) {
  const ScoreBins bins = ScoreBins::Make({});
  const auto all = [](const ClassificationCounts& counts, const Calibration& calibration, NotComputable why) {
    const QualityMeasures got = EstimatedQuality(counts, calibration, kPositive);
    EXPECT_EQ(got.size(), 5);
    for (const auto& [name, measure] : got) EXPECT_EQ(measure.why, why) << name;
  };
  Random random(5);
  const auto reference = testing::CountsOf(testing::DrawMany(1000, {}, bins, random));
  const Calibration calibration = Calibration::Fit(reference, bins);
  all(testing::CountsOf({}), calibration, NotComputable::kNoPredictions);
  all(testing::CountsOf({{.bin = 4, .predicted = 1}}), Calibration(), NotComputable::kNoCalibration);
  all(testing::CountsOf({{.predicted = 1}}), calibration, NotComputable::kNoScore);
  const auto classless = EstimatedQuality(testing::CountsOf({{.bin = 99, .score = 0.4F}}), calibration, kPositive);
  EXPECT_EQ(classless.at("accuracy").why, NotComputable::kNoPredictedClass);
  EXPECT_NEAR(classless.at("auc").value, 0.5, 1e-9);
  const auto negative =
      EstimatedQuality(testing::CountsOf({{.bin = 99, .predicted = kNegative, .score = 0.4F}}), calibration, kPositive);
  EXPECT_EQ(negative.at("precision").why, NotComputable::kNoPositivePredictions);
  EXPECT_THROW(EstimatedQuality(ClassificationCounts(), calibration, kPositive), std::invalid_argument);
  EXPECT_THROW(EstimatedQuality(testing::CountsOf({{.bin = 400, .score = 1}}), calibration, kPositive),
               std::invalid_argument);
}

}  // namespace
}  // namespace detectors
