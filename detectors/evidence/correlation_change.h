// Change of correlations between a baseline's SecondMoments and a step's: the pair that changed most, the PCA residual,
// and the e-values of the monitor.
//
// Per pair Fisher's d = atanh r − atanh r0; for nearly normal values its variance is φ/(n−3) whatever the correlation,
// φ the design effect of the pair. The e-value of a step is the average over all pairs and both directions of
// exp(s·(±d − τ))/E[exp(s·atanh r)] with s = g·√((n−3)/φ), for the sizes g = 2, 4, 8 and 16 as components. The
// expectation is the exact one of independent normal pairs (Fisher 1915: a beta function); the normal approximation
// e^(g²/2) would be 40 % too small for g = 8 and n = 1000. It exists for s < n − 2, so s is cut at half
// of that: in steps of few records the sizes are smaller.
// The null holds, for each pair, a change of atanh r by at most τ = `min_effect` — Fisher's scale has the same
// information per record as a shift in standard deviations, so the unit is the same — and the baseline's own error over
// all pairs. The average costs ln(pairs) nats at every step, so this finds changes that show within a few steps, not
// the slow sum of small ones. STATISTICS 7. Immutable, thread-safe. Cost: 200 ns per pair and step.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "detectors/evidence/second_moments.h"

namespace detectors {

struct CorrelationBand {
  double min_effect = 0.1;
  double baseline_design_effect = 4;
};

// What has become of the correlation of a pair.
struct CorrelationChange {
  std::size_t first = 0;  // features, first < second
  std::size_t second = 0;
  double baseline = 0;  // correlations
  double current = 0;
  double effect = 0;          // |d|, in standard-deviation equivalents
  double standard_error = 0;  // of d, of both sides: √(φ/(n−3) + φ_b/(m−3))
};

class CorrelationPlan {
 public:
  static constexpr std::size_t kComponents = 4;

  struct Pair {
    std::size_t first;
    std::size_t second;
    double correlation;  // the baseline's
    double z;            // atanh of it
    double variance;     // the baseline's, of z
    double tolerance;    // τ
  };

  CorrelationPlan(const SecondMoments& baseline, const CorrelationBand& band);

  static std::array<float, kComponents> weights() { return {0.25F, 0.25F, 0.25F, 0.25F}; }
  std::span<const Pair> pairs() const { return pairs_; }

  // `design_effects`: of each pair; NaN: the pair rests. Adds the log e of a step to `log_e` (kComponents elements) and
  // returns the number of pairs that were compared; 0 means a step without data for ShiryaevRoberts.
  std::uint64_t Accumulate(const SecondMoments& step, std::span<const double> design_effects,
                           std::span<double> log_e) const;
  // d of a pair; nothing where the step has no correlation of it.
  std::optional<double> Change(std::size_t pair, const SecondMoments& step) const;
  std::optional<CorrelationChange> ChangeOf(std::size_t pair, const SecondMoments& step, double design_effect) const;
  // The pair that has changed by the most standard errors; nothing where none can be compared.
  std::optional<CorrelationChange> Largest(const SecondMoments& step, std::span<const double> design_effects) const;

 private:
  std::vector<Pair> pairs_;
};

// The basis of the leading principal components that hold `retained` of the variance of the baseline's correlation
// matrix, and with it the mean squared residual of a step, tr((I − VVᵀ)S): a classic trace to set beside the pairs.
class PcaResidual {
 public:
  explicit PcaResidual(const SecondMoments& baseline, double retained = 0.65);
  std::size_t components() const { return components_; }
  // Of the step's correlation matrix, per feature: 0..1. Nothing where a pair has no correlation.
  std::optional<double> Of(const SecondMoments& step) const;
  // Of one record's squared residual per feature, were its values normal with these correlations: 2·tr((P·R)²)/F².
  std::optional<double> VarianceOfRecord(const SecondMoments& moments) const;

 private:
  std::size_t features_ = 0;
  std::size_t components_ = 0;
  std::vector<double> projection_;  // I − VVᵀ, empty if the baseline has no full correlation matrix
};

}  // namespace detectors
