#include "detectors/evidence/bounded_mean_plan.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::array<double, BoundedMeanPlan::kSizes> kBetSizes = {0.03, 0.06, 0.12, 0.25, 0.5, 1};

}  // namespace

BoundedMeanPlan::BoundedMeanPlan(const Reference& reference) : reference_(reference) {
  const bool sound = std::isfinite(reference.low) && std::isfinite(reference.high) && reference.low < reference.high &&
                     reference.mean >= reference.low && reference.mean <= reference.high && reference.tolerance >= 0;
  if (!sound) throw std::invalid_argument("bounded mean: needs low < high, a mean between them and a tolerance ≥ 0");
  weights_.fill(1.0F / kComponents);
}

void BoundedMeanPlan::Accumulate(std::uint64_t records, double sum, double design_effect,
                                 std::span<double> log_e) const {
  if (log_e.size() != kComponents) throw std::invalid_argument("bounded mean: log_e has another number of components");
  const auto n = static_cast<double>(records);
  const double range = reference_.high - reference_.low;
  const double excess = (sum - n * reference_.mean) / range;
  const double band = n * reference_.tolerance / range;
  const double scale = 1 / std::max(1.0, design_effect);
  for (std::size_t j = 0; j < kComponents; ++j) {
    const double lambda = kBetSizes[j % kSizes];
    log_e[j] += scale * (lambda * ((Up(j) ? excess : -excess) - band) - n * lambda * lambda / 8);
  }
}

}  // namespace detectors
