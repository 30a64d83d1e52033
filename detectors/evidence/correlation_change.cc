#include "detectors/evidence/correlation_change.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::array<double, CorrelationPlan::kComponents> kSizes = {2, 4, 8, 16};
constexpr double kMostCorrelated = 0.999;  // atanh beyond it says nothing of the data any more

double FisherZ(double correlation) { return std::atanh(std::clamp(correlation, -kMostCorrelated, kMostCorrelated)); }

double LogBeta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

// s and ln E[exp(s·atanh r)] of each size, for r of `information` + 3 independent pairs: r has the density
// (1 − r²)^((n−4)/2), so the expectation is B((n−2+s)/2, (n−2−s)/2)/B((n−2)/2, (n−2)/2). Most pairs of a step have the
// same number of rows, so the last ones are kept.
struct Bets {
  double information = -1;
  std::array<double, CorrelationPlan::kComponents> slope{};
  std::array<double, CorrelationPlan::kComponents> log_mean{};

  void Prepare(double of) {
    if (of == information) return;
    information = of;
    const double freedom = of + 1;  // n − 2
    for (std::size_t j = 0; j < kSizes.size(); ++j) {
      const double s = std::min(kSizes[j] * std::sqrt(of), freedom / 2);
      slope[j] = s;
      log_mean[j] = LogBeta((freedom + s) / 2, (freedom - s) / 2) - LogBeta(freedom / 2, freedom / 2);
    }
  }
};

double Variance(double design_effect, std::uint64_t rows) {
  return std::max(1.0, design_effect) / (static_cast<double>(rows) - 3);
}

}  // namespace

CorrelationPlan::CorrelationPlan(const SecondMoments& baseline, const CorrelationBand& band) {
  for (std::size_t a = 1; a < baseline.features(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const std::optional<double> correlation = baseline.Correlation(a, b);
      if (!correlation) continue;
      const double variance = Variance(band.baseline_design_effect, baseline.rows(a, b));
      pairs_.push_back({.first = b,
                        .second = a,
                        .correlation = *correlation,
                        .z = FisherZ(*correlation),
                        .variance = variance,
                        .tolerance = std::sqrt(variance)});
    }
  }
  // The baseline's error over all pairs and directions: exceeded by one of a hundred baselines.
  const double errors = std::sqrt(2 * std::log(200.0 * static_cast<double>(std::max<std::size_t>(1, pairs_.size()))));
  for (Pair& pair : pairs_) pair.tolerance = std::max(band.min_effect, errors * pair.tolerance);
}

std::optional<double> CorrelationPlan::Change(std::size_t pair, const SecondMoments& step) const {
  const std::optional<double> now = step.Correlation(pairs_[pair].first, pairs_[pair].second);
  if (!now) return std::nullopt;
  return FisherZ(*now) - pairs_[pair].z;
}

std::optional<CorrelationChange> CorrelationPlan::ChangeOf(std::size_t pair, const SecondMoments& step,
                                                           double design_effect) const {
  const Pair& of = pairs_[pair];
  const std::optional<double> now = step.Correlation(of.first, of.second);
  if (!now) return std::nullopt;
  return CorrelationChange{
      .first = of.first,
      .second = of.second,
      .baseline = of.correlation,
      .current = *now,
      .effect = std::abs(FisherZ(*now) - of.z),
      .standard_error = std::sqrt(Variance(design_effect, step.rows(of.first, of.second)) + of.variance)};
}

std::optional<CorrelationChange> CorrelationPlan::Largest(const SecondMoments& step,
                                                          std::span<const double> design_effects) const {
  std::optional<CorrelationChange> largest;
  for (std::size_t pair = 0; pair < pairs_.size(); ++pair) {
    if (std::isnan(design_effects[pair])) continue;
    const auto change = ChangeOf(pair, step, design_effects[pair]);
    if (!change) continue;
    if (!largest || change->effect * largest->standard_error > largest->effect * change->standard_error)
      largest = change;
  }
  return largest;
}

std::uint64_t CorrelationPlan::Accumulate(const SecondMoments& step, std::span<const double> design_effects,
                                          std::span<double> log_e) const {
  if (log_e.size() != kComponents || design_effects.size() != pairs_.size())
    throw std::invalid_argument("correlation plan: another number of components or pairs");
  // Σ exp(xᵢ) as max + ln Σ exp(xᵢ − max), of each size.
  std::array<double, kComponents> most{};
  std::array<double, kComponents> sum{};
  std::uint64_t compared = 0;
  Bets bets;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (std::isnan(design_effects[i])) continue;
    const std::optional<double> change = Change(i, step);
    if (!change) continue;
    ++compared;
    bets.Prepare(1 / Variance(design_effects[i], step.rows(pairs_[i].first, pairs_[i].second)));
    for (const double direction : {1.0, -1.0}) {
      const double x = direction * *change - pairs_[i].tolerance;
      for (std::size_t j = 0; j < kComponents; ++j) {
        const double log = bets.slope[j] * x - bets.log_mean[j];
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
