#include "detectors/evidence/correlation_change.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::array<double, CorrelationPlan::kComponents> kSizes = {2, 4, 8, 16};
constexpr double kMostCorrelated = 0.999;  // atanh beyond it says nothing of the data any more

double FisherZ(double correlation) { return std::atanh(std::clamp(correlation, -kMostCorrelated, kMostCorrelated)); }

double Variance(double design_effect, std::uint64_t rows) {
  return std::max(1.0, design_effect) / (static_cast<double>(rows) - 3);
}

}  // namespace

std::optional<CorrelationChange> LargestCorrelationChange(const SecondMoments& baseline, const SecondMoments& current,
                                                          const CorrelationBand& band) {
  if (baseline.features() != current.features())
    throw std::invalid_argument("correlation change: different numbers of features");
  std::optional<CorrelationChange> largest;
  for (std::size_t a = 1; a < baseline.features(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const std::optional<double> before = baseline.Correlation(a, b);
      const std::optional<double> now = current.Correlation(a, b);
      if (!before || !now) continue;
      const double effect = std::abs(FisherZ(*now) - FisherZ(*before));
      const double errors = effect / std::sqrt(Variance(band.design_effect, current.rows(a, b)) +
                                               Variance(band.baseline_design_effect, baseline.rows(a, b)));
      if (largest && errors <= largest->standard_errors) continue;
      largest = {
          .first = b, .second = a, .baseline = *before, .current = *now, .standard_errors = errors, .effect = effect};
    }
  }
  return largest;
}

CorrelationPlan::CorrelationPlan(const SecondMoments& baseline, const CorrelationBand& band)
    : design_effect_(band.design_effect) {
  for (std::size_t a = 1; a < baseline.features(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const std::optional<double> correlation = baseline.Correlation(a, b);
      if (!correlation) continue;
      pairs_.push_back({.first = b,
                        .second = a,
                        .z = FisherZ(*correlation),
                        .tolerance = std::sqrt(Variance(band.baseline_design_effect, baseline.rows(a, b)))});
    }
  }
  // The baseline's error over all pairs and directions: exceeded by one of a hundred baselines.
  const double errors = std::sqrt(2 * std::log(200.0 * static_cast<double>(std::max<std::size_t>(1, pairs_.size()))));
  for (Pair& pair : pairs_) pair.tolerance = std::max(band.min_effect, errors * pair.tolerance);
}

std::uint64_t CorrelationPlan::Accumulate(const SecondMoments& step, std::span<double> log_e) const {
  if (log_e.size() != kComponents)
    throw std::invalid_argument("correlation plan: log_e has another number of components");
  // Σ exp(xᵢ) as max + ln Σ exp(xᵢ − max), of each size.
  std::array<double, kComponents> most{};
  std::array<double, kComponents> sum{};
  std::uint64_t compared = 0;
  for (const Pair& pair : pairs_) {
    const std::optional<double> now = step.Correlation(pair.first, pair.second);
    if (!now) continue;
    ++compared;
    const double sd = std::sqrt(Variance(design_effect_, step.rows(pair.first, pair.second)));
    const double change = FisherZ(*now) - pair.z;
    for (const double direction : {1.0, -1.0}) {
      const double x = (direction * change - pair.tolerance) / sd;
      for (std::size_t j = 0; j < kComponents; ++j) {
        const double log = kSizes[j] * x - kSizes[j] * kSizes[j] / 2;
        if (log > most[j]) {
          sum[j] *= std::exp(most[j] - log);
          most[j] = log;
        }
        sum[j] += std::exp(log - most[j]);
      }
    }
  }
  if (compared == 0) return 0;
  for (std::size_t j = 0; j < kComponents; ++j)
    log_e[j] += most[j] + std::log(sum[j]) - std::log(2 * static_cast<double>(compared));
  return compared;
}

}  // namespace detectors
