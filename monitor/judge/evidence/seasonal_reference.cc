#include "monitor/judge/evidence/seasonal_reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace monitor {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

double Sum(std::span<const std::uint64_t> counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

}  // namespace

bool SeasonOfStep::known() const { return seasons != nullptr && step_ns < kDaySeconds * kSecondNs; }

std::int64_t SeasonOfStep::OfWeek() const {
  return known() ? start_ns / kSecondNs % detectors::Seasons::kWeekSeconds : kNone;
}

detectors::FeatureSummary SeasonalReference(const detectors::FeatureSummary& baseline, const SeasonOfStep& season,
                                            const detectors::FeatureSummary* live, double scale) {
  const std::int64_t start_s = season.start_ns / kSecondNs;
  std::vector<std::uint64_t> bins =
      season.seasons->Reference(baseline.bins(), start_s, start_s + season.step_ns / kSecondNs);
  if (live != nullptr) {
    const double of_season = Sum(bins), of_training = Sum(baseline.bins()), of_live = Sum(live->bins());
    std::vector<double> tilted(bins.size());
    for (std::size_t i = 0; i < bins.size(); ++i) {
      // Half a row in each, so that a bin that either has never seen stays possible.
      const double then = (static_cast<double>(baseline.bins()[i]) + 0.5) / (of_training + 0.5);
      const double now = (static_cast<double>(live->bins()[i]) + 0.5) / (of_live + 0.5);
      const double share = of_season > 0 ? static_cast<double>(bins[i]) / of_season : then;
      tilted[i] = std::max(share, 0.5 / (of_season + 0.5) * then) * now / then;
    }
    const double sum = std::accumulate(tilted.begin(), tilted.end(), 0.0);
    const double rows = 1 / (1 / std::max(of_season, 1.0) + scale / std::max(of_live, 1.0));
    for (std::size_t i = 0; i < bins.size(); ++i)
      bins[i] = static_cast<std::uint64_t>(std::llround(tilted[i] / sum * rows));
  }
  return detectors::FeatureSummary::OfBins(baseline.shared_shape(), std::move(bins));
}

}  // namespace monitor
