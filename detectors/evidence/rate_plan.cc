#include "detectors/evidence/rate_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "detectors/evidence/rounding.h"

namespace detectors {
namespace {

constexpr std::array<double, RatePlan::kUp> kOddsUp = {1.1, 1.22, 1.5, 3, 10, 30, 100};
constexpr std::array<double, RatePlan::kDown> kOddsDown = {1 / 1.1, 1 / 1.22, 1 / 1.5, 1.0 / 3, 1.0 / 10};

}  // namespace

RatePlan::RatePlan(std::span<const Tally> reference, const DeadBand& dead_band, std::span<const double> shares)
    : rates_(reference.size()), weights_(reference.size() * kPerRate) {
  if (!shares.empty() && shares.size() != reference.size())
    throw std::invalid_argument("rate plan: different numbers of rates and shares");
  for (std::size_t r = 0; r < rates_.size(); ++r) {
    if (reference[r].records == 0) continue;
    Rate& rate = rates_[r];
    rate.null = dead_band.OfRate(static_cast<double>(reference[r].events), static_cast<double>(reference[r].records));
    const auto weight = static_cast<float>(shares.empty() ? 1.0 : shares[r]);
    for (std::size_t j = 0; j < kPerRate; ++j) {
      const double q0 = j < kUp ? rate.null.high : rate.null.low;
      if (q0 <= 0) continue;  // nothing lies below a band that reaches down to 0
      const double odds = q0 / (1 - q0) * (j < kUp ? kOddsUp[j] : kOddsDown[j - kUp]);
      // (1−q1)/(1−q0) with 1−q1 = 1/(1+odds), which keeps its digits where q1 is near 1.
      rate.event[j] = RoundDown(std::log(odds / (1 + odds) / q0));
      rate.other[j] = RoundDown(-std::log1p(odds) - std::log1p(-q0));
      weights_[r * kPerRate + j] = weight;
    }
  }
  const float sum = std::accumulate(weights_.begin(), weights_.end(), 0.0F);
  usable_ = sum > 0;
  if (usable_)
    for (float& weight : weights_) weight /= sum;
}

std::vector<double> RatePlan::variances() const {
  std::vector<double> variances;
  variances.reserve(rates_.size());
  for (const Rate& rate : rates_) variances.push_back(rate.null.high * (1 - rate.null.high));
  return variances;
}

std::uint64_t RatePlan::Accumulate(std::span<const Tally> step, std::span<const double> design_effects,
                                   std::span<double> log_e) const {
  if (step.size() != rates() || design_effects.size() != rates() || log_e.size() != components())
    throw std::invalid_argument("rate plan: different numbers of rates");
  std::uint64_t records = 0;
  for (std::size_t r = 0; r < rates_.size(); ++r) {
    records = std::max(records, step[r].records);
    const double scale = 1 / std::max(1.0, design_effects[r]);
    const double events = scale * static_cast<double>(step[r].events);
    const double others = scale * static_cast<double>(step[r].records - step[r].events);
    double* const out = log_e.data() + r * kPerRate;
    for (std::size_t j = 0; j < kPerRate; ++j)
      out[j] += events * static_cast<double>(rates_[r].event[j]) + others * static_cast<double>(rates_[r].other[j]);
  }
  return records;
}

}  // namespace detectors
