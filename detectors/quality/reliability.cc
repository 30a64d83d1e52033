#include "detectors/quality/reliability.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "detectors/distances/proportion.h"

namespace detectors {

std::vector<ReliabilityPoint> ReliabilityCurve(std::span<const ScoredBin> bins) {
  double all = 0;
  for (const ScoredBin& bin : bins) all += bin.count();
  std::vector<ReliabilityPoint> curve;
  ScoredBin group;
  double done = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    group.positives += bins[i].positives;
    group.negatives += bins[i].negatives;
    group.score_sum += bins[i].score_sum;
    // A group ends where the records so far reach the next of 15 equal parts.
    const double parts = (done + group.count()) * static_cast<double>(kReliabilityGroups) / all;
    if (parts < std::floor(done * static_cast<double>(kReliabilityGroups) / all) + 1 && i + 1 < bins.size()) continue;
    const auto [low, high] = Wilson(group.positives, group.count());
    curve.push_back({.mean_score = group.score_sum / group.count(),
                     .observed = group.positives / group.count(),
                     .count = static_cast<std::uint64_t>(group.count()),
                     .low = low,
                     .high = high});
    done += group.count();
    group = {};
  }
  return curve;
}

double RawCalibrationError(std::span<const ScoredBin> bins) {
  double sum = 0;
  double all = 0;
  for (const ReliabilityPoint& point : ReliabilityCurve(bins)) {
    const auto n = static_cast<double>(point.count);
    sum += n * std::abs(point.observed - point.mean_score);
    all += n;
  }
  return all == 0 ? 0 : sum / all;
}

Estimate CalibrationError(std::span<const ScoredBin> bins) {
  if (bins.empty()) return Estimate::None(NotComputable::kNoScore);
  const std::vector<ReliabilityPoint> curve = ReliabilityCurve(bins);
  double all = 0;
  for (const ReliabilityPoint& point : curve) all += static_cast<double>(point.count);
  double raw = 0;
  double noise = 0;       // of a calibrated model
  double subtracted = 0;  // at the gaps as they are
  double variance = 0;
  for (const ReliabilityPoint& point : curve) {
    const auto n = static_cast<double>(point.count);
    const double share = n / all;
    const double gap = std::abs(point.observed - point.mean_score);
    // One record more, at the mean score: a group of zeros only is not without variance.
    const double rate = (n * point.observed + point.mean_score) / (n + 1);
    const double v = rate * (1 - rate) / n;
    raw += share * gap;
    noise += share * std::sqrt(2 * v / std::numbers::pi);
    if (v > 0) subtracted += share * std::sqrt(2 * v / std::numbers::pi) * std::exp(-gap * gap / (2 * v));
    variance += share * share * v;
  }
  const double error = kZ975 * std::sqrt(variance);
  const double value = std::max(0.0, raw - subtracted);
  return {.value = value,
          .bias = raw - value,
          .low = std::max(0.0, raw - noise - error),
          .high = std::min(1.0, raw + error)};
}

}  // namespace detectors
