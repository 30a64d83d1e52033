#include "detectors/quality/estimated_quality.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "detectors/distances/proportion.h"

namespace detectors {
namespace {

// Predictions of one score bin.
struct Bin {
  double rate = 0;      // π
  double positive = 0;  // predicted class is the positive one
  double negative = 0;
  double all = 0;  // also those without a predicted class
};

std::vector<Bin> BinsOf(const ClassificationCounts& counts, const Calibration& calibration, std::uint16_t positive) {
  std::vector<Bin> bins(calibration.rates().size());
  for (std::size_t bin = 0; bin < bins.size(); ++bin) bins[bin].rate = calibration.rates()[bin];
  counts.ForEach([&](const ClassificationCounts::Cell& cell) {
    if (cell.bin == kNone) return;
    if (cell.bin >= bins.size()) throw std::invalid_argument("estimated quality: the counts have other score bins");
    const auto count = static_cast<double>(cell.count);
    bins[cell.bin].all += count;
    if (cell.predicted == kNone) return;
    (positive == kNone || cell.predicted == positive ? bins[cell.bin].positive : bins[cell.bin].negative) += count;
  });
  return bins;
}

// Derivatives of a measure by the number of positives among the predictions of a bin.
struct Slopes {
  double positive;  // among those predicted positive
  double negative;
};

// `slopes` answers for each bin.
template <class Function>
Estimate Around(double value, const std::vector<Bin>& bins, const Calibration& calibration, Function slopes) {
  double variance = 0;
  std::size_t bin = 0;
  for (const Calibration::Block& block : calibration.blocks()) {
    double shift = 0;  // of the measure, if the block's rate were 1 higher
    for (const std::size_t end = bin + block.bins; bin < end; ++bin) {
      const Bin& at = bins[bin];
      const Slopes g = slopes(bin);
      variance +=
          (g.positive * g.positive * at.positive + g.negative * g.negative * at.negative) * at.rate * (1 - at.rate);
      shift += g.positive * at.positive + g.negative * at.negative;
    }
    const double rate = (bins[bin - 1].rate * block.records + 0.5) / (block.records + 1);
    variance += shift * shift * rate * (1 - rate) / block.records;
  }
  const double half = kZ975 * std::sqrt(variance);
  return {.value = value, .low = std::max(0.0, value - half), .high = std::min(1.0, value + half)};
}

// Expected area under the ROC curve; all scored predictions take part.
Estimate ExpectedAuc(std::vector<Bin> bins, const Calibration& calibration) {
  double positives = 0;
  double negatives = 0;
  for (Bin& bin : bins) {
    positives += bin.all * bin.rate;
    negatives += bin.all * (1 - bin.rate);
    bin.positive = bin.all;
    bin.negative = 0;
  }
  if (positives == 0) return Estimate::None(NotComputable::kNoPositiveLabels);
  if (negatives == 0) return Estimate::None(NotComputable::kNoNegativeLabels);
  const double pairs = positives * negatives;
  // Of each bin: what a positive wins against the negatives below it, less what a negative loses to the positives
  // above.
  std::vector<double> gains(bins.size());
  double area = 0;
  double below = 0;
  double above = positives;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double p = bins[i].all * bins[i].rate;
    const double n = bins[i].all - p;
    above -= p;
    area += p * (below + n / 2);
    gains[i] = below + n / 2 - above - p / 2;
    below += n;
  }
  area /= pairs;
  return Around(area, bins, calibration, [&](std::size_t bin) {
    return Slopes{.positive = (gains[bin] - area * (negatives - positives)) / pairs, .negative = 0};
  });
}

// Those of the predicted classes, of predictions that have one.
void AddConfusionMeasures(const std::vector<Bin>& bins, const Calibration& calibration, QualityMeasures& measures) {
  double predicted_positive = 0;
  double predicted = 0;
  double true_positive = 0;
  double positives = 0;
  for (const Bin& bin : bins) {
    predicted_positive += bin.positive;
    predicted += bin.positive + bin.negative;
    true_positive += bin.positive * bin.rate;
    positives += (bin.positive + bin.negative) * bin.rate;
  }
  const auto constant = [](double positive, double negative) {
    return [=](std::size_t) { return Slopes{.positive = positive, .negative = negative}; };
  };
  for (const char* name : {"accuracy", "precision", "recall", "f1"})
    measures[name] = Estimate::None(NotComputable::kNoPredictedClass);
  if (predicted == 0) return;

  const double right = true_positive + (predicted - predicted_positive) - (positives - true_positive);
  measures["accuracy"] = Around(right / predicted, bins, calibration, constant(1 / predicted, -1 / predicted));
  measures["precision"] = predicted_positive == 0 ? Estimate::None(NotComputable::kNoPositivePredictions)
                                                  : Around(true_positive / predicted_positive, bins, calibration,
                                                           constant(1 / predicted_positive, 0));
  const double recall = true_positive / positives;
  measures["recall"] = positives == 0
                           ? Estimate::None(NotComputable::kNoPositiveLabels)
                           : Around(recall, bins, calibration, constant((1 - recall) / positives, -recall / positives));
  const double both = predicted_positive + positives;
  const double f1 = 2 * true_positive / both;
  measures["f1"] = both == 0 ? Estimate::None(NotComputable::kNoPositives)
                             : Around(f1, bins, calibration, constant((2 - f1) / both, -f1 / both));
}

}  // namespace

QualityMeasures EstimatedQuality(const ClassificationCounts& counts, const Calibration& calibration,
                                 std::uint16_t positive) {
  if (counts.positive() != positive)
    throw std::invalid_argument("estimated quality: the counts were kept for another positive class");
  QualityMeasures measures;
  const auto none = [&](NotComputable why) {
    measures["accuracy"] = Estimate::None(why);
    if (positive == kNone) return;
    for (const char* name : {"precision", "recall", "f1", "auc"}) measures[name] = Estimate::None(why);
  };
  if (counts.predictions() == 0) {
    none(NotComputable::kNoPredictions);
    return measures;
  }
  if (calibration.empty()) {
    none(NotComputable::kNoCalibration);
    return measures;
  }
  const std::vector<Bin> bins = BinsOf(counts, calibration, positive);
  if (std::ranges::all_of(bins, [](const Bin& bin) { return bin.all == 0; })) {
    none(NotComputable::kNoScore);
    return measures;
  }
  AddConfusionMeasures(bins, calibration, measures);
  if (positive == kNone) return {{"accuracy", measures["accuracy"]}};
  measures["auc"] = ExpectedAuc(bins, calibration);
  return measures;
}

}  // namespace detectors
