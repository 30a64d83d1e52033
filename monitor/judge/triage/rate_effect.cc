#include "monitor/judge/triage/rate_effect.h"

#include <algorithm>
#include <cmath>

#include "detectors/evidence/dead_band.h"
#include "monitor/judge/evidence/evidence_plan.h"

namespace monitor {
namespace {

// The change of a rate in standard deviations of one record, never negative. A rate that training never showed is
// measured against the largest one that its rows would not have shown.
detectors::Estimate RateEffect(std::uint64_t base_events, std::uint64_t base_records, std::uint64_t events,
                               std::uint64_t records) {
  if (base_records == 0) return detectors::Estimate::None(detectors::NotComputable::kNoBaseline);
  const detectors::Estimate now = RateOf(events, records);
  if (!now.ok()) return now;
  const double rows = static_cast<double>(base_records), before = static_cast<double>(base_events) / rows;
  const auto null = detectors::DeadBand{}.OfRate(static_cast<double>(base_events), rows);
  const double scale = before > 0 && before < 1 ? before : before > 0 ? null.low : null.high;
  const double deviation = std::sqrt(scale * (1 - scale));
  const double high = std::max(std::abs(now.low - before), std::abs(now.high - before)) / deviation;
  const double low = now.low <= before && before <= now.high
                         ? 0
                         : std::min(std::abs(now.low - before), std::abs(now.high - before)) / deviation;
  return {std::abs(now.value - before) / deviation, 0, low, high};
}

}  // namespace

detectors::Estimate RateOf(std::uint64_t k, std::uint64_t n) {
  if (n == 0) return detectors::Estimate::None(detectors::NotComputable::kNoData);
  constexpr double kZ = 1.645;
  const double size = static_cast<double>(n), share = static_cast<double>(k) / size;
  const double centre = share + kZ * kZ / (2 * size),
               spread = kZ * std::sqrt(share * (1 - share) / size + kZ * kZ / (4 * size * size));
  return {share, 0, std::max(0.0, (centre - spread) / (1 + kZ * kZ / size)),
          std::min(1.0, (centre + spread) / (1 + kZ * kZ / size))};
}

detectors::Estimate RatesEffect(const detectors::FeatureSummary& base, const detectors::FeatureSummary& live,
                                Quantity quantity) {
  const std::vector<detectors::Tally> before = TalliesOf(base, quantity), now = TalliesOf(live, quantity);
  detectors::Estimate largest = detectors::Estimate::None(detectors::NotComputable::kNoData);
  for (std::size_t i = 0; i < now.size(); ++i) {
    const detectors::Estimate effect = RateEffect(before[i].events, before[i].records, now[i].events, now[i].records);
    if (effect.ok() && (!largest.ok() || effect.value > largest.value)) largest = effect;
  }
  return largest;
}

detectors::Tally Together(const std::vector<detectors::Tally>& tallies) {
  detectors::Tally all;
  for (const detectors::Tally& tally : tallies) {
    all.events += tally.events;
    all.records = tally.records;
  }
  return all;
}

double ShareOf(const detectors::Tally& tally) {
  return tally.records == 0 ? 0 : static_cast<double>(tally.events) / static_cast<double>(tally.records);
}

}  // namespace monitor
