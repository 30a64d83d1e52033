#include "detectors/quality/ranking.h"

#include <algorithm>
#include <cmath>
#include <ranges>

#include "detectors/distances/proportion.h"

namespace detectors {
namespace {

struct Totals {
  double positives = 0;
  double negatives = 0;

  explicit Totals(std::span<const ScoredBin> bins) {
    for (const ScoredBin& bin : bins) {
      positives += bin.positives;
      negatives += bin.negatives;
    }
  }
};

// DeLong's variance; NaN with a single positive or negative.
double AucVariance(std::span<const ScoredBin> bins, const Totals& all, double area) {
  double below = 0;
  double above = all.positives;
  double of_positives = 0;
  double of_negatives = 0;
  for (const ScoredBin& bin : bins) {
    above -= bin.positives;
    const double v10 = (below + bin.negatives / 2) / all.negatives - area;
    const double v01 = (above + bin.positives / 2) / all.positives - area;
    of_positives += bin.positives * v10 * v10;
    of_negatives += bin.negatives * v01 * v01;
    below += bin.negatives;
  }
  return of_positives / (all.positives * (all.positives - 1)) + of_negatives / (all.negatives * (all.negatives - 1));
}

}  // namespace

Estimate RocAuc(std::span<const ScoredBin> bins) {
  const Totals all(bins);
  if (all.positives + all.negatives == 0) return Estimate::None(NotComputable::kNoScore);
  if (all.positives == 0) return Estimate::None(NotComputable::kNoPositiveLabels);
  if (all.negatives == 0) return Estimate::None(NotComputable::kNoNegativeLabels);
  double below = 0;
  double pairs = 0;
  for (const ScoredBin& bin : bins) {
    pairs += bin.positives * (below + bin.negatives / 2);
    below += bin.negatives;
  }
  const double area = pairs / (all.positives * all.negatives);
  const double variance = AucVariance(bins, all, area);
  if (!(variance > 1e-15)) {
    const double independent = std::min(all.positives, all.negatives);
    const auto [low, high] = Wilson(area * independent, independent);
    return {.value = area, .low = low, .high = high};
  }
  const double half = kZ975 * std::sqrt(variance);
  return {.value = area, .low = std::max(0.0, area - half), .high = std::min(1.0, area + half)};
}

double RocAucBinError(std::span<const ScoredBin> bins) {
  const Totals all(bins);
  double tied = 0;
  for (const ScoredBin& bin : bins) tied += bin.positives * bin.negatives;
  return tied == 0 ? 0 : tied / (2 * all.positives * all.negatives);
}

Estimate AveragePrecision(std::span<const ScoredBin> bins) {
  const Totals all(bins);
  if (all.positives + all.negatives == 0) return Estimate::None(NotComputable::kNoScore);
  if (all.positives == 0) return Estimate::None(NotComputable::kNoPositiveLabels);
  double found = 0;
  double taken = 0;
  double sum = 0;
  for (const ScoredBin& bin : std::views::reverse(bins)) {
    found += bin.positives;
    taken += bin.count();
    sum += bin.positives * found / taken;
  }
  const double area = std::min(1.0, sum / all.positives);
  if (area == 1) return {.value = 1, .low = Wilson(all.positives, all.positives).low, .high = 1};
  const double logit = std::log(area / (1 - area));
  const double half = kZ975 / std::sqrt(all.positives * area * (1 - area));
  return {.value = area, .low = 1 / (1 + std::exp(half - logit)), .high = 1 / (1 + std::exp(-half - logit))};
}

}  // namespace detectors
