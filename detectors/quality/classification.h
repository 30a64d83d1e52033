// Quality of classification from labelled predictions: named measures with two-sided 95 % intervals.
//
// Only predictions with a label count; those without a predicted class count for measures of scores only, those without
// a score for measures of classes only. Definitions are scikit-learn's. Where scikit-learn would divide by zero and
// answer 0, the measure is not computable here and says why. Intervals: Wilson for proportions; F1 by Wilson's interval
// of its proportion of "positive on either side" that is positive on both (its first order is the delta method);
// balanced accuracy and macro means by adding the Wilson intervals in squares; Matthews correlation, macro F1 and
// weighted means by the delta method; AUC by DeLong; log-loss and Brier mean ± z·s/√n (a single record: the whole range
// of the measure). Pure functions, thread-safe. Cost: about 50 µs for 512 bins.
#pragma once

#include "detectors/distances/estimate.h"
#include "detectors/quality/classification_counts.h"

namespace detectors {

// accuracy, precision, recall, f1, specificity, balanced_accuracy, mcc, auc, pr_auc, log_loss, brier, ece. Every class
// but `positive` is negative. Throws std::invalid_argument when the counts were kept for another positive class.
QualityMeasures BinaryMetrics(const ClassificationCounts& counts, std::uint16_t positive);

// accuracy, balanced_accuracy, mcc, macro_precision, macro_recall, macro_f1, weighted_precision, weighted_recall,
// weighted_f1; and ece of the score as the probability of the predicted class. Macro means are over the classes that
// are a label or predicted, less those for which the measure does not exist (precision of a class that was never
// predicted, recall of one that was never a label); weighted_precision likewise.
QualityMeasures MulticlassMetrics(const ClassificationCounts& counts);

// What the best constant predictor would have reached on the same labels, for the same names: a model below has lost
// its use. It predicts the most frequent class (accuracy, recall, specificity, multi-class measures), always the
// positive class (precision, f1, pr_auc), or the share of positives as its score (log_loss, brier). balanced_accuracy
// and auc are ½ (1/K of several classes), mcc 0. There is none for ece: a constant predictor is perfectly calibrated.
QualityMeasures ConstantPredictorBinary(const ClassificationCounts& counts, std::uint16_t positive);
QualityMeasures ConstantPredictorMulticlass(const ClassificationCounts& counts);

}  // namespace detectors
