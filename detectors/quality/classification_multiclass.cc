// MulticlassMetrics from the confusion matrix.
#include "detectors/distances/proportion.h"
#include "detectors/quality/classification.h"
#include "detectors/quality/confusion_matrix.h"
#include "detectors/quality/confusion_measures.h"
#include "detectors/quality/reliability.h"

namespace detectors {
namespace {

struct ByClass {
  std::vector<Estimate> recalls;     // of the classes that are a label
  std::vector<Estimate> precisions;  // of the classes that were predicted
  std::uint64_t right = 0;

  explicit ByClass(const ConfusionMatrix& matrix) {
    for (std::size_t k = 0; k < matrix.size(); ++k) {
      right += matrix.at(k, k);
      const Estimate recall = Proportion(matrix.at(k, k), matrix.labelled(k), NotComputable::kNoPositiveLabels);
      const Estimate precision =
          Proportion(matrix.at(k, k), matrix.predicted(k), NotComputable::kNoPositivePredictions);
      if (recall.ok()) recalls.push_back(recall);
      if (precision.ok()) precisions.push_back(precision);
    }
  }
};

}  // namespace

QualityMeasures MulticlassMetrics(const ClassificationCounts& counts) {
  QualityMeasures measures;
  const ConfusionMatrix matrix = Confusion(counts);
  const ByClass classes(matrix);
  if (matrix.total == 0) {
    const auto why = counts.labels() == 0 ? NotComputable::kNoLabels : NotComputable::kNoPredictedClass;
    for (const char* name : {"accuracy", "balanced_accuracy", "mcc", "macro_precision", "macro_recall", "macro_f1",
                             "weighted_precision", "weighted_recall", "weighted_f1", "ece"})
      measures[name] = Estimate::None(why);
    return measures;
  }
  const Estimate accuracy = Proportion(classes.right, matrix.total, NotComputable::kNoPredictedClass);
  const Estimate macro_recall = MeanOfProportions(classes.recalls);
  measures["accuracy"] = accuracy;
  measures["weighted_recall"] = accuracy;  // recalls weighted by the labels of their class
  measures["macro_recall"] = macro_recall;
  measures["balanced_accuracy"] = classes.recalls.size() < 2 ? Estimate::None(NotComputable::kOneClass) : macro_recall;
  measures["macro_precision"] = MeanOfProportions(classes.precisions);
  measures["macro_f1"] = MacroF1(matrix);
  measures["weighted_precision"] = WeightedPrecision(matrix);
  measures["weighted_f1"] = WeightedF1(matrix);
  measures["mcc"] = MatthewsCorrelation(matrix);
  measures["ece"] = CalibrationError(ScoredBins(counts, kNone));
  return measures;
}

}  // namespace detectors
