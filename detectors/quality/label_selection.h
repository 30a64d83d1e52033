// What the predictions that have no label yet leave open: bounds of accuracy, and whether the labelled ones are a fair
// sample.
//
// Pure functions, thread-safe. Cost: proportional to the cells of the counts.
#pragma once

#include <cstdint>

#include "detectors/distances/estimate.h"
#include "detectors/quality/classification_counts.h"

namespace detectors {

// Accuracy of all predictions with a predicted class, whatever the missing labels turn out to be (Manski 1989): with
// labelled share ρ and accuracy a among them, low = ρa (all missing ones wrong) and high = ρa + 1−ρ (all right). No
// sampling error is added. value: a.
Estimate AccuracyBounds(const ClassificationCounts& counts);

// Do labelled and unlabelled predictions differ? Two-sample chi-square over ten groups of scores with about equal
// numbers of predictions (and one without score) times the predicted class; cells that expect fewer than five records
// on either side are taken together. All numbers are NaN unless `why` is kComputed.
struct LabelSelection {
  NotComputable why = NotComputable::kComputed;
  double chi_square = 0;
  double degrees = 0;
  double p_value = 1;    // chance of a difference at least as large if labels arrive regardless of the prediction
  double cramers_v = 0;  // size of the difference, 0..1: 0.1 is small, 0.3 medium, 0.5 large (Cohen 1988)
  double mean_score_labelled = 0;  // NaN without scores
  double mean_score_unlabelled = 0;
  // The predicted class whose share differs most; kNone without predicted classes.
  std::uint16_t predicted = kNone;
  double share_labelled = 0;  // of the predictions that have a predicted class
  double share_unlabelled = 0;
};
LabelSelection CompareLabelled(const ClassificationCounts& counts);

}  // namespace detectors
