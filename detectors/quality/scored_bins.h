// ScoredBin: how often the event that a score foretells came true in one score bin; the input of ranking, reliability
// and calibration.
//
// With a positive class the event is "the label is positive"; with kNone (several classes) it is "the predicted class
// was right". Pure, thread-safe. Cost: proportional to the cells of the counts.
#pragma once

#include <cstdint>
#include <vector>

#include "detectors/quality/classification_counts.h"

namespace detectors {

struct ScoredBin {
  std::uint16_t bin = 0;
  double positives = 0;  // records with the event
  double negatives = 0;
  double score_sum = 0;

  double count() const { return positives + negatives; }
};

// The bins that hold labelled scored predictions, rising.
std::vector<ScoredBin> ScoredBins(const ClassificationCounts& counts, std::uint16_t positive);

}  // namespace detectors
