#include "detectors/evidence/capped_mean_plan.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::array<double, CappedMeanPlan::kSizes> kBets = {0.25, 0.5, 1, 2};
constexpr double kMost = 4;  // of z

}  // namespace

CappedMeanPlan::CappedMeanPlan(const Reference& reference, const DeadBand& dead_band) : reference_(reference) {
  const bool sound = std::isfinite(reference.mean) && std::isfinite(reference.variance) && reference.variance > 0 &&
                     reference.records > 0;
  if (!sound) throw std::invalid_argument("capped mean: needs a finite mean, a variance and records above 0");
  band_ = dead_band.OfMean(std::sqrt(reference.variance), reference.records);
  weights_.fill(1.0F / kComponents);
}

void CappedMeanPlan::Accumulate(std::uint64_t records, double sum, double design_effect,
                                std::span<double> log_e) const {
  if (log_e.size() != kComponents) throw std::invalid_argument("capped mean: log_e has another number of components");
  const auto n = static_cast<double>(records);
  const double error = std::sqrt(std::max(1.0, design_effect) * reference_.variance / n);
  const double excess = sum / n - reference_.mean;
  for (std::size_t j = 0; j < kComponents; ++j) {
    const double z = std::min(kMost, ((Up(j) ? excess : -excess) - band_) / error);
    const double bet = kBets[j % kSizes];
    log_e[j] += bet * z - bet * bet / 2;
  }
}

}  // namespace detectors
