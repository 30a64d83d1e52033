// Change of correlations between a baseline's SecondMoments and a step's: the pair that changed most, the PCA residual,
// and the e-values of the monitor.
//
// Per pair Fisher's d = atanh r − atanh r0; for nearly normal values its variance is φ/(n−3) whatever the correlation.
// The e-value of a step is the average over all pairs and both directions of the Gaussian likelihood ratio
// exp(gx − g²/2) with x = (±d − τ)/sd, for the sizes g = 2, 4, 8 and 16 as components. Its null holds, for each pair,
// a change of atanh r by at most τ = `min_effect` — Fisher's scale has the same information per record as a shift in
// standard deviations, so the unit is the same — and the baseline's own error over all pairs. The average costs
// ln(pairs) nats at every step, so this finds changes that show within one step, not the slow sum of small ones.
// STATISTICS 7. Pure functions. Cost: 130 ns per pair.
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
  double design_effect = 1;  // of the step's records
};

// The pair whose correlation has changed most, in standard errors of both sides.
struct CorrelationChange {
  std::size_t first = 0;
  std::size_t second = 0;
  double baseline = 0;  // correlations
  double current = 0;
  double standard_errors = 0;  // |d|/√(φ/(n−3) + φ_b/(m−3))
  double effect = 0;           // |d|, in standard-deviation equivalents
};
// Nothing where no pair has a correlation on both sides. Throws std::invalid_argument for different features.
std::optional<CorrelationChange> LargestCorrelationChange(const SecondMoments& baseline, const SecondMoments& current,
                                                          const CorrelationBand& band);

class CorrelationPlan {
 public:
  static constexpr std::size_t kComponents = 4;

  CorrelationPlan(const SecondMoments& baseline, const CorrelationBand& band);

  static std::array<float, kComponents> weights() { return {0.25F, 0.25F, 0.25F, 0.25F}; }
  // Adds the log e of a step to `log_e` (kComponents elements) and returns the number of pairs that were compared; 0
  // means a step without data for ShiryaevRoberts.
  std::uint64_t Accumulate(const SecondMoments& step, std::span<double> log_e) const;

 private:
  struct Pair {
    std::size_t first;
    std::size_t second;
    double z;          // atanh of the baseline's correlation
    double tolerance;  // τ
  };
  double design_effect_;
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

 private:
  std::size_t features_ = 0;
  std::size_t components_ = 0;
  std::vector<double> projection_;  // I − VVᵀ, empty if the baseline has no full correlation matrix
};

}  // namespace detectors
