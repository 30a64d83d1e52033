#include "detectors/evidence/volume_plan.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::array<double, VolumePlan::kComponents> kFactors = {1.25, 1.5, 2, 4, 10, 0.8, 0.6, 0.4, 0.1, 0.01};
// Dispersion just above Poisson: κ stays finite, the ratio differs from Poisson's by less than rounding.
constexpr double kLeastDispersion = 1 + 1e-12;

}  // namespace

VolumePlan::VolumePlan(const Reference& reference, double tolerance) {
  if (!(tolerance >= 0)) throw std::invalid_argument("volume plan: the tolerance must be at least 0");
  if (!(reference.mean > 0 && std::isfinite(reference.mean) && reference.steps > 0)) return;
  const double dispersion = std::max(kLeastDispersion, reference.dispersion);
  const double error = 3 * std::sqrt(dispersion / (reference.steps * reference.mean));
  const double band = std::max(tolerance, error);
  const double shape = reference.mean / (dispersion - 1);
  std::size_t used = 0;
  for (std::size_t j = 0; j < kComponents; ++j) {
    const double mean = reference.mean * (Up(j) ? 1 + band : 1 - band);
    if (mean <= 0) continue;  // the band reaches down to no records at all
    const double alternative = mean * kFactors[j];
    // ln NB(N; alternative, κ) − ln NB(N; mean, κ)
    const double per_step = -shape * (std::log1p(alternative / shape) - std::log1p(mean / shape));
    per_step_[j] = per_step;
    per_record_[j] = std::log(kFactors[j]) + std::log1p(mean / shape) - std::log1p(alternative / shape);
    weights_[j] = 1;
    ++used;
  }
  usable_ = used > 0;
  if (usable_)
    for (float& weight : weights_) weight /= static_cast<float>(used);
}

void VolumePlan::Accumulate(std::uint64_t records, std::span<double> log_e) const {
  if (log_e.size() != kComponents) throw std::invalid_argument("volume plan: log_e has another number of components");
  const auto count = static_cast<double>(records);
  for (std::size_t j = 0; j < kComponents; ++j) log_e[j] += count * per_record_[j] + per_step_[j];
}

}  // namespace detectors
