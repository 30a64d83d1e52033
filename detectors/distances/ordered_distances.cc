// Distances over ordered cells: F and G are the distribution functions of baseline and current values at the edges.
#include <cmath>
#include <limits>
#include <numbers>

#include "detectors/distances/shares.h"

namespace detectors {
namespace {

// ∫|a + (b−a)t|dt over 0..1.
double MeanAbsoluteLinear(double a, double b) {
  if ((a >= 0) == (b >= 0)) return std::abs(a + b) / 2;
  return (a * a + b * b) / (2 * std::abs(a - b));
}

}  // namespace

// max|F−G| over the edges. Inside a cell both rise by at most its shares, so the exact distance is at most max min(p,
// q) larger. Mean without drift 0.869·√(1/n+1/m). Bounds: Massart 1990, P(sup|F̂−F| > ε) ≤ 2exp(−2nε²) = 0.05, with the
// n of two samples 1/n_eff = 1/n + 1/m; the upper one adds what the cells may hide.
Estimate KolmogorovSmirnov(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
  const Shares shares(baseline, current);
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  double distance = 0;
  double hidden = 0;
  // Integer sums and one division each: equal counts give exactly 0.
  std::uint64_t below_baseline = 0;
  std::uint64_t below_current = 0;
  for (std::size_t cell = 0; cell < shares.cells(); ++cell) {
    below_baseline += baseline[cell];
    below_current += current[cell];
    distance = std::max(distance, std::abs(static_cast<double>(below_baseline) / shares.m -
                                           static_cast<double>(below_current) / shares.n));
    hidden = std::max(hidden, std::min(shares.p(cell), shares.q(cell)));
  }
  const double error = std::sqrt(std::log(2 / 0.05) / 2 * shares.noise);
  return {.value = distance,
          .bias = std::min(1.0, 0.869 * std::sqrt(shares.noise)),
          .low = std::max(0.0, distance - error),
          .high = std::min(1.0, distance + hidden + error)};
}

// ∫|F−G|dx / σ. Between two edges F−G runs linearly and its absolute value is integrated exactly, also across a change
// of sign. Beyond the outer edges ∫F dx = Σ(e−x)₊/m: exact as long as only one side has values there, as with a
// baseline over its own bins; otherwise the difference of the two, a lower bound. Bias without drift by the central
// limit theorem: √(2/π·(1/n+1/m))·∫√(H(1−H))dx / σ inside the edges, with the pooled H. No bounds: they would need an
// assumption on the tails.
Estimate WassersteinSigma(const FeatureSummary& baseline, const FeatureSummary& current) {
  if (baseline.kind() != FeatureKind::kNumeric) return Estimate::None(NotComputable::kNotForThisType);
  const Shares shares(baseline.bins(), current.bins());
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  if (baseline.moments().extreme() + current.moments().extreme() > 0) return Estimate::None(NotComputable::kInfinite);
  const double sigma = std::sqrt(baseline.moments().population_variance());
  if (sigma == 0) return Estimate::None(NotComputable::kSingleValue);

  const auto edges = baseline.shape().binning.edges();
  double distance = std::abs(baseline.below_sum() / shares.m - current.below_sum() / shares.n) +
                    std::abs(baseline.above_sum() / shares.m - current.above_sum() / shares.n);
  double noise = 0;
  double last_gap = 0;
  double last_spread = 0;
  std::uint64_t below_baseline = 0;
  std::uint64_t below_current = 0;
  for (std::size_t edge = 0; edge < edges.size(); ++edge) {
    below_baseline += shares.baseline[edge];
    below_current += shares.current[edge];
    const double gap = static_cast<double>(below_baseline) / shares.m - static_cast<double>(below_current) / shares.n;
    const double pooled = static_cast<double>(below_baseline + below_current) / (shares.m + shares.n);
    const double spread = std::sqrt(pooled * std::max(0.0, 1 - pooled));
    if (edge > 0) {
      const double width = edges[edge] - edges[edge - 1];
      distance += width * MeanAbsoluteLinear(last_gap, gap);
      noise += width * (last_spread + spread) / 2;
    }
    last_gap = gap;
    last_spread = spread;
  }
  const double value = distance / sigma;
  const double bias = std::sqrt(2 / std::numbers::pi * shares.noise) * noise / sigma;
  if (!std::isfinite(value) || !std::isfinite(bias)) return Estimate::None(NotComputable::kInfinite);
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  return {.value = value, .bias = bias, .low = kUnknown, .high = kUnknown};
}

}  // namespace detectors
