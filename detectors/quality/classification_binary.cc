// BinaryMetrics: measures of classes from the confusion matrix, measures of scores from the score bins and the sums.
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "detectors/distances/proportion.h"
#include "detectors/quality/classification.h"
#include "detectors/quality/confusion_matrix.h"
#include "detectors/quality/confusion_measures.h"
#include "detectors/quality/ranking.h"
#include "detectors/quality/reliability.h"

namespace detectors {
namespace {

constexpr double kWorstLogLoss = 16.11809565095832;  // −ln 1e-7

// 2TP/(2TP+FP+FN) = 2J/(1+J), where J = TP/(TP+FP+FN) is a proportion.
Estimate F1(const BinaryConfusion& matrix) {
  const Estimate both =
      Proportion(matrix.true_positive, matrix.true_positive + matrix.false_positive + matrix.false_negative,
                 NotComputable::kNoPositives);
  if (!both.ok()) return both;
  const auto f1 = [](double share) { return 2 * share / (1 + share); };
  return {.value = f1(both.value), .low = f1(both.low), .high = f1(both.high)};
}

ConfusionMatrix TwoClasses(const BinaryConfusion& matrix) {
  return {.classes = {0, 1},
          .counts = {matrix.true_negative, matrix.false_positive, matrix.false_negative, matrix.true_positive},
          .total = matrix.total()};
}

// Mean ± z·s/√n within 0..worst.
Estimate MeanTerm(double sum, double squares, std::uint64_t count, double worst) {
  if (count == 0) return Estimate::None(NotComputable::kNoScore);
  const auto n = static_cast<double>(count);
  const double mean = sum / n;
  if (count == 1) return {.value = mean, .low = 0, .high = worst};
  const double variance = std::max(0.0, squares - n * mean * mean) / (n - 1);
  const double half = kZ975 * std::sqrt(variance / n);
  return {.value = mean, .low = std::max(0.0, mean - half), .high = std::min(worst, mean + half)};
}

}  // namespace

QualityMeasures BinaryMetrics(const ClassificationCounts& counts, std::uint16_t positive) {
  if (counts.positive() != positive || positive == kNone)
    throw std::invalid_argument("classification: the counts were kept for another positive class");
  const BinaryConfusion m = Confusion(counts, positive);
  const std::vector<ScoredBin> bins = ScoredBins(counts, positive);

  QualityMeasures measures;
  measures["accuracy"] = Proportion(m.true_positive + m.true_negative, m.total(), NotComputable::kNoPredictedClass);
  measures["precision"] =
      Proportion(m.true_positive, m.true_positive + m.false_positive, NotComputable::kNoPositivePredictions);
  const Estimate recall =
      Proportion(m.true_positive, m.true_positive + m.false_negative, NotComputable::kNoPositiveLabels);
  const Estimate specificity =
      Proportion(m.true_negative, m.true_negative + m.false_positive, NotComputable::kNoNegativeLabels);
  measures["recall"] = recall;
  measures["f1"] = F1(m);
  measures["specificity"] = specificity;
  measures["balanced_accuracy"] = recall.ok() && specificity.ok() ? MeanOfProportions(std::array{recall, specificity})
                                                                  : Estimate::None(NotComputable::kOneClass);
  measures["mcc"] = MatthewsCorrelation(TwoClasses(m));
  if (m.total() == 0) {
    for (auto& [name, measure] : measures) measure = Estimate::None(NotComputable::kNoPredictedClass);
  }

  const std::uint64_t scored = counts.scored_labels();
  measures["auc"] = RocAuc(bins);
  measures["pr_auc"] = AveragePrecision(bins);
  measures["log_loss"] = MeanTerm(counts.log_loss_sum(), counts.log_loss_square_sum(), scored, kWorstLogLoss);
  measures["brier"] = MeanTerm(counts.brier_sum(), counts.brier_square_sum(), scored, 1);
  measures["ece"] = CalibrationError(bins);
  if (counts.labels() == 0) {
    for (auto& [name, measure] : measures) measure = Estimate::None(NotComputable::kNoLabels);
  }
  return measures;
}

}  // namespace detectors
