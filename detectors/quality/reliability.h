// How far scores are from being probabilities: reliability curve and expected calibration error (ECE).
//
// Both on at most 15 groups of about equal numbers of records, made of whole score bins. Pure functions, thread-safe.
// Cost: about 1 µs for 512 bins. Bins rise by score.
#pragma once

#include <span>
#include <vector>

#include "detectors/distances/estimate.h"
#include "detectors/quality/scored_bins.h"

namespace detectors {

inline constexpr std::size_t kReliabilityGroups = 15;

struct ReliabilityPoint {
  double mean_score;
  double observed;  // share of positives
  std::uint64_t count;
  double low;  // Wilson interval of `observed`, 95 %
  double high;
};
std::vector<ReliabilityPoint> ReliabilityCurve(std::span<const ScoredBin> bins);

// Σ share·|observed − mean score| over the groups as it is, noise included.
double RawCalibrationError(std::span<const ScoredBin> bins);
// The same less what noise adds. With the variance v of a group's gap d, a gap δ shows as E|d| = √(2v/π)·e^(−δ²/2v) +
// δ(1−2Φ(−δ/√v)), the mean of a folded normal variable; its first term, taken at d, is what is subtracted, so that
// clear gaps keep their size. `bias` is what was subtracted. A calibrated model keeps about 30 % of the raw error, at
// least 0. low: raw error − Σ share·√(2v/π) − z·SE, so it excludes 0 only against calibration; high: value + bias +
// z·SE, with SE² = Σ share²·v.
Estimate CalibrationError(std::span<const ScoredBin> bins);

}  // namespace detectors
