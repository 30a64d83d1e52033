// BoundedMeanPlan: the e-values of the mean of a bounded quantity of which only sums are known — a Brier score, an
// error cut at a limit, a window statistic.
//
// Hoeffding: log e = λ(±(S − nμ0) − nτ) − nλ²(b−a)²/8, with λ·(b−a) in {0.03, 0.06, 0.12, 0.25, 0.5, 1}, both sides.
// E[e] ≤ 1 for values within [a, b] whose conditional mean is within τ of μ0; no variance is needed. Divided by the
// design effect. Immutable, thread-safe. Cost: 16 ns.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace detectors {

class BoundedMeanPlan {
 public:
  static constexpr std::size_t kSizes = 6;
  static constexpr std::size_t kComponents = 2 * kSizes;

  struct Reference {
    double low = 0;        // a
    double high = 1;       // b, above a
    double mean = 0;       // μ0
    double tolerance = 0;  // τ ≥ 0, with the reference's own error: the caller knows its rows
  };
  explicit BoundedMeanPlan(const Reference& reference);  // throws std::invalid_argument

  std::span<const float> weights() const { return weights_; }
  static bool Up(std::size_t component) { return component < kSizes; }

  // Adds the log e of `records` values with this sum, each of them cut to [a, b] by the caller, to `log_e`.
  void Accumulate(std::uint64_t records, double sum, double design_effect, std::span<double> log_e) const;

 private:
  Reference reference_;
  std::array<float, kComponents> weights_{};
};

}  // namespace detectors
