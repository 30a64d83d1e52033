#include "detectors/distances/estimate.h"

#include <limits>

namespace detectors {

std::string_view Reason(NotComputable why) {
  switch (why) {
    case NotComputable::kComputed:
      return "it is computed";
    case NotComputable::kNoBaseline:
      return "the baseline has no values";
    case NotComputable::kNoData:
      return "there are no values to compare";
    case NotComputable::kInfinite:
      return "some values are too large to be measured";
    case NotComputable::kSingleValue:
      return "the baseline has a single value, so there is no scale to measure against";
    case NotComputable::kNotForThisType:
      return "the measure does not exist for this type of feature";
    case NotComputable::kNoPredictions:
      return "there are no predictions";
    case NotComputable::kNoLabels:
      return "no prediction has a label yet";
    case NotComputable::kNoPredictedClass:
      return "no labelled prediction has a predicted class";
    case NotComputable::kNoScore:
      return "no labelled prediction has a score";
    case NotComputable::kOneClass:
      return "all labels are of one class";
    case NotComputable::kOnePredictedClass:
      return "all predictions are of one class";
    case NotComputable::kNoPositiveLabels:
      return "no label is of the positive class";
    case NotComputable::kNoNegativeLabels:
      return "every label is of the positive class";
    case NotComputable::kNoPositivePredictions:
      return "no prediction is of the positive class";
    case NotComputable::kNoPositives:
      return "neither a label nor a prediction is of the positive class";
    case NotComputable::kEqualLabels:
      return "all labels are equal";
    case NotComputable::kZeroLabels:
      return "all labels are 0";
    case NotComputable::kNoReferenceMean:
      return "the mean label of the reference is not known";
    case NotComputable::kNoCalibration:
      return "the reference has no labelled scores";
    case NotComputable::kOneSide:
      return "there are not both labelled and unlabelled predictions to compare";
  }
  return "the reason is unknown";
}

Estimate Estimate::None(NotComputable why) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  return {.value = kNone, .bias = kNone, .low = kNone, .high = kNone, .why = why};
}

}  // namespace detectors
