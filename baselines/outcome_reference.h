// OutcomeReference: what the model said of the training rows, and how wrong it was, by the cells of each feature; from
// it follows what a shift of a feature does to the mean prediction and the error (detectors/counts/composition.h).
//
// The outcome is the score; without one the predicted number; without that the share of rows that are predicted to be
// `of_class`. The error is the share of wrong classes, or the mean absolute error. A value type.
#pragma once

#include <string>
#include <vector>

#include "detectors/counts/composition.h"

namespace baselines {

struct OutcomeReference {
  std::string outcome;                              // "score", "prediction"
  std::string of_class;                             // of a predicted class
  double deviation = 0;                             // standard deviation of the outcome over the training rows, above 0
  std::vector<detectors::CompositionTable> tables;  // one per feature

  void Encode(detectors::Encoder& out) const;
  // `shapes`: of the features. Throws detectors::DecodeError.
  static OutcomeReference Decode(detectors::Decoder& in, const std::vector<const detectors::FeatureShape*>& shapes);
};

}  // namespace baselines
