// CappedMeanPlan: the e-values of the mean of an unbounded quantity of which the reference knows mean and variance — a
// squared error.
//
// Only sums are known of a step, so single values cannot be cut. What is bounded is the step's standardised mean beyond
// the band: z = (±(S/n − μ0) − τ)/√(φv/n), cut at 4, and log e = λz − λ²/2 with λ in {¼, ½, 1, 2}, both sides. E[e] ≤ 1
// where the step's mean is normal or, by the cut, has a heavier upper tail of up to 1 in 400 beyond 4; v and the design
// effect φ pay for the rest. A step is at most 6 nats of evidence, so one accident is never an alarm by itself.
// Immutable, thread-safe. Cost: 10 ns.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "detectors/evidence/dead_band.h"
#include "detectors/evidence/design_effect.h"

namespace detectors {

class CappedMeanPlan {
 public:
  static constexpr std::size_t kSizes = 4;
  static constexpr std::size_t kComponents = 2 * kSizes;

  struct Reference {
    double mean = 0;
    double variance = 0;  // of one record; above 0
    double records = 0;   // above 0
  };
  CappedMeanPlan(const Reference& reference, const DeadBand& dead_band);  // throws std::invalid_argument

  std::span<const float> weights() const { return weights_; }
  static bool Up(std::size_t component) { return component < kSizes; }
  DesignEffect::Direction direction() const { return {.variance = reference_.variance}; }

  // Adds the log e of a step of `records` > 0 values with this finite sum to `log_e`.
  void Accumulate(std::uint64_t records, double sum, double design_effect, std::span<double> log_e) const;

 private:
  Reference reference_;
  double band_;
  std::array<float, kComponents> weights_{};
};

}  // namespace detectors
