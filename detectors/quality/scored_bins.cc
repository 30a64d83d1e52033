#include "detectors/quality/scored_bins.h"

namespace detectors {

std::vector<ScoredBin> ScoredBins(const ClassificationCounts& counts, std::uint16_t positive) {
  std::vector<ScoredBin> bins;
  counts.ForEach([&](const ClassificationCounts::Cell& cell) {
    if (cell.bin == kNone || cell.label == kNone || (positive == kNone && cell.predicted == kNone)) return;
    if (bins.empty() || bins.back().bin != cell.bin) bins.push_back({.bin = cell.bin});
    const bool event = positive == kNone ? cell.label == cell.predicted : cell.label == positive;
    (event ? bins.back().positives : bins.back().negatives) += static_cast<double>(cell.count);
    bins.back().score_sum += cell.score_sum;
  });
  return bins;
}

}  // namespace detectors
