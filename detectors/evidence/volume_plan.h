// VolumePlan: the e-values of how many records a step has.
//
// Counts of real traffic scatter more than Poisson: the rate itself varies from step to step. The null is a Poisson
// count whose rate is mixed over a gamma distribution — a negative binomial — with the mean of the reference and the
// dispersion variance/mean = φ of its steps. e is the likelihood ratio of two negative binomials of the same shape
// κ = μ/(φ−1): upwards to 1.25, 1.5, 2, 4 and 10 times the mean, downwards to 0.8, 0.6, 0.4, 0.1 and 0.01 of it. It is
// monotone in the count and convex, so E[e] ≤ 1 for every mean inside the band and every gamma mixing with at most that
// dispersion. No count, however many records, is more evidence than the dispersion allows.
//
// The band holds relative changes up to `tolerance` and the reference's own error, 3·√(φ/(K·μ)) of K steps. A step
// without records is a record here: pass 1 as the records of ShiryaevRoberts::Update. Immutable, thread-safe. Cost:
// 5 ns.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace detectors {

class VolumePlan {
 public:
  static constexpr std::size_t kComponents = 10;

  struct Reference {
    double mean = 0;  // records per step
    double dispersion =
        1;             // φ: variance/mean of the steps' counts (DesignEffect with variance and events `mean`, n = 1)
    double steps = 0;  // K
  };
  // `tolerance` ≥ 0, relative. A reference without steps or records makes a plan that is not usable.
  VolumePlan(const Reference& reference, double tolerance);

  bool usable() const { return usable_; }
  std::span<const float> weights() const { return weights_; }
  static bool Up(std::size_t component) { return component < kComponents / 2; }

  // Adds the log e of a step with `records` records to `log_e` (kComponents elements).
  void Accumulate(std::uint64_t records, std::span<double> log_e) const;

 private:
  bool usable_ = false;
  std::array<double, kComponents> per_record_{}, per_step_{};
  std::array<float, kComponents> weights_{};
};

}  // namespace detectors
