// ReferenceQuality: how good the model was on its training data, as the counts that live cohorts are compared with.
//
// From rows that have a label and a prediction or score. The calibration and every measure follow from the counts
// (detectors/quality/classification.h, regression.h, calibration.h). A value type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "detectors/quality/classification_counts.h"
#include "detectors/quality/regression_counts.h"

namespace baselines {

struct ReferenceQuality {
  std::vector<std::string> classes;  // names of the class codes
  detectors::ClassificationCounts counts;
  detectors::RegressionCounts numbers;

  // Of a class; detectors::kNone when it is not among them.
  std::uint16_t CodeOf(const std::string& name) const;

  void Encode(detectors::Encoder& out) const;
  static ReferenceQuality Decode(detectors::Decoder& in);
};

}  // namespace baselines
