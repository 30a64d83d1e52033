// Estimate: one measured number with its 95 % interval, or the reason why it cannot be computed.
//
// Every measure of this folder answers with it, so that "not computable" is never 0 or NaN to whoever reads it.
// Thread-safe (a value).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace detectors {

enum class NotComputable : std::uint8_t {
  kComputed = 0,    // the value is there
  kNoBaseline,      // the baseline has no values of this feature
  kNoData,          // the current summary has no values
  kInfinite,        // values beyond any finite sum
  kSingleValue,     // the baseline has one value only, so there is no scale to measure against
  kNotForThisType,  // the measure does not exist for this type of feature
  // Prediction quality:
  kNoPredictions,          // nothing was predicted
  kNoLabels,               // no prediction has a label
  kNoPredictedClass,       // no labelled prediction has a predicted class
  kNoScore,                // no labelled prediction has a score
  kOneClass,               // all labels are of one class
  kOnePredictedClass,      // all predictions are of one class
  kNoPositiveLabels,       // no label is of the positive class
  kNoNegativeLabels,       // every label is of the positive class
  kNoPositivePredictions,  // no prediction is of the positive class
  kNoPositives,            // neither a label nor a prediction is of the positive class
  kEqualLabels,            // all labels are the same number
  kZeroLabels,             // all labels are 0
  kNoReferenceMean,        // the mean label of the reference is not known
  kNoCalibration,          // the reference has no labelled scores
  kOneSide,                // every prediction has a label, or none has
};
std::string_view Reason(NotComputable why);  // a clause for people: "the baseline has no values"

// All numbers are NaN unless `why` is kComputed.
struct Estimate {
  double value;     // as the measure is defined
  double bias = 0;  // expected value when nothing is to be found, where the measure says so
  double low;       // 95 % bounds; the measure says of what, and whether each holds alone or both together
  double high;
  NotComputable why = NotComputable::kComputed;

  bool ok() const { return why == NotComputable::kComputed; }
  static Estimate None(NotComputable why);
};

using QualityMeasures = std::map<std::string, Estimate>;  // by name: "accuracy", "rmse"

}  // namespace detectors
