// How much a rate of a column (missing, wrong type, out of range, unseen) has changed, in standard deviations of one
// record.
//
// Pure functions, thread-safe. Bounds are Wilson's (1927).
#pragma once

#include <cstdint>
#include <vector>

#include "detectors/distances/estimate.h"
#include "detectors/evidence/rate_plan.h"
#include "detectors/feature_summary.h"
#include "monitor/judge/evidence/alarm_shares.h"

namespace monitor {

// k of n records, with the 90 % interval (each bound holds with 95 %).
detectors::Estimate RateOf(std::uint64_t k, std::uint64_t n);
// The effect of a quantity's rates, the largest of them.
detectors::Estimate RatesEffect(const detectors::FeatureSummary& base, const detectors::FeatureSummary& live,
                                Quantity quantity);
// Tallies over the same records as one.
detectors::Tally Together(const std::vector<detectors::Tally>& tallies);
double ShareOf(const detectors::Tally& tally);  // 0 without records

}  // namespace monitor
