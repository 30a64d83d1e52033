// Distances that need no order of the cells. p: baseline, m values; q: current, n values; B cells.
#include <cmath>
#include <numbers>

#include "detectors/distances/shares.h"

namespace detectors {
namespace {

// A random deviation of a share-based measure from its expectation that is exceeded with 5 % probability only, where
// replacing one record of n (of m) changes the measure by at most 1/n (1/m): McDiarmid 1989, exp(−2t²/(1/n + 1/m)) =
// 0.05.
double BoundedDifference(const Shares& shares) { return std::sqrt(std::log(20.0) / 2 * shares.noise); }

// Upper bound of a divergence. Its variance is not that at the estimate, which is too small when the estimate is, but
// grows with the divergence and begins with that of the χ² with B−1 degrees of freedom without drift, whose mean is the
// bias: v(θ) = aθ + b, a from the delta method, b = 2·bias²/(B−1). The bound solves θ − z√v(θ) = debiased value, as
// Wilson's interval does for a proportion. With the variance at the estimate it covers 91 % only (a shift of 0.1 σ, n =
// 300).
double UpperBound(double value, double bias, double standard_error, double freedom) {
  const double debiased = std::max(0.0, value - bias);
  const double a = value > 0 ? kZ95 * kZ95 * standard_error * standard_error / value : 0;
  const double b = freedom > 0 ? kZ95 * kZ95 * 2 * bias * bias / freedom : 0;
  return debiased + a / 2 + std::sqrt(a * debiased + b + a * a / 4);
}

// Measures √(c·d) of a divergence d, d ≥ 0, capped at 1: value and bounds follow from those of d, because the root is
// monotone. Without drift E[d] ≈ (B−1)(1/n+1/m)/8, an eighth of PSI's, and the root of it is the root mean square of
// the measure.
Estimate RootOf(double divergence, const Shares& shares, double standard_error, double scale) {
  const auto root = [&](double d) { return std::min(1.0, std::sqrt(scale * std::max(0.0, d))); };
  const double freedom = shares.occupied - 1;
  const double bias = freedom * shares.noise / 8;
  return {.value = root(divergence),
          .bias = root(bias),
          .low = root(divergence - bias - kZ95 * standard_error),
          .high = root(UpperBound(divergence, bias, standard_error, freedom))};
}

}  // namespace

// PSI = Σ(q−p)ln(q/p) of smoothed shares q = (k+½)/(n+B/2). Bias: (1/n+1/m)χ²_{B−1} without drift (Yurdakul 2018).
// Standard error by the delta method: ∂/∂q = ln(q/p) + 1 − p/q and ∂/∂p = ln(p/q) + 1 − q/p.
Estimate Psi(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
  const Shares shares(baseline, current);
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  const auto cells = static_cast<double>(shares.cells());
  const double m = shares.m + cells / 2;
  const double n = shares.n + cells / 2;
  double psi = 0;
  DeltaVariance of_current;
  DeltaVariance of_baseline;
  for (std::size_t cell = 0; cell < shares.cells(); ++cell) {
    const double p = (static_cast<double>(baseline[cell]) + 0.5) / m;
    const double q = (static_cast<double>(current[cell]) + 0.5) / n;
    const double log = std::log(q / p);
    psi += (q - p) * log;
    of_current.Add(q, log + 1 - p / q);
    of_baseline.Add(p, 1 - q / p - log);
  }
  const double bias = (cells - 1) * shares.noise;
  const double error = std::sqrt(of_current.PerRecord() / shares.n + of_baseline.PerRecord() / shares.m);
  return {.value = psi,
          .bias = bias,
          .low = std::max(0.0, psi - bias - kZ95 * error),
          .high = UpperBound(psi, bias, error, cells - 1)};
}

// √(½KL₂(p‖M) + ½KL₂(q‖M)), M = (p+q)/2. Without drift the divergence is PSI/8 nats, so its bias is (B−1)(1/n+1/m)/8.
// Delta method on the divergence in nats: ∂/∂q = ½ln(q/M), whose square times q stays bounded for empty cells.
Estimate JensenShannon(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
  const Shares shares(baseline, current);
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  double divergence = 0;
  DeltaVariance of_current;
  DeltaVariance of_baseline;
  const auto add = [&](double share, double middle, DeltaVariance& variance) {
    if (share == 0) return;
    const double half_log = std::log(share / middle) / 2;
    divergence += share * half_log;
    variance.Add(share, half_log);
  };
  for (std::size_t cell = 0; cell < shares.cells(); ++cell) {
    const double p = shares.p(cell);
    const double q = shares.q(cell);
    add(p, (p + q) / 2, of_baseline);
    add(q, (p + q) / 2, of_current);
  }
  const double error = std::sqrt(of_current.PerRecord() / shares.n + of_baseline.PerRecord() / shares.m);
  return RootOf(divergence, shares, error, 1 / std::numbers::ln2);
}

// H² = 1 − Σ√(pq) = ½Σ(√p−√q)², which does not cancel. Without drift H² is PSI/8. Delta method on H²: ∂/∂q = −½√(p/q),
// hence the variance ¼(Σ_{q>0} p − (Σ√(pq))²)/n ≤ ¼(1 − (1−H²)²)/n, the same with m.
Estimate Hellinger(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
  const Shares shares(baseline, current);
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  double squared = 0;
  for (std::size_t cell = 0; cell < shares.cells(); ++cell) {
    const double difference = std::sqrt(shares.p(cell)) - std::sqrt(shares.q(cell));
    squared += difference * difference / 2;
  }
  squared = std::min(squared, 1.0);
  const double error = std::sqrt(squared * (2 - squared) / 4 * shares.noise);
  return RootOf(squared, shares, error, 1);
}

// ½Σ|q−p|. Bias without drift by the central limit theorem: ½Σ√(2/π · s(1−s)(1/n+1/m)) with pooled shares s.
// Bounds: the expectation of the estimate is at least the true value (Jensen) and at most ½Σ√(p(1−p)/m + q(1−q)/n)
// above it; the estimate is within McDiarmid's bound of its expectation. Conservative, for any sample size up to the
// plugged-in shares.
Estimate TotalVariation(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
  const Shares shares(baseline, current);
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  double value = 0;
  double bias = 0;
  double inflation = 0;
  for (std::size_t cell = 0; cell < shares.cells(); ++cell) {
    const double p = shares.p(cell);
    const double q = shares.q(cell);
    const double pooled = (shares.m * p + shares.n * q) / (shares.m + shares.n);
    value += std::abs(q - p) / 2;
    bias += std::sqrt(2 / std::numbers::pi * pooled * std::max(0.0, 1 - pooled) * shares.noise) / 2;
    inflation += std::sqrt(p * std::max(0.0, 1 - p) / shares.m + q * std::max(0.0, 1 - q) / shares.n) / 2;
  }
  value = std::min(value, 1.0);
  const double error = BoundedDifference(shares);
  return {.value = value,
          .bias = std::min(bias, 1.0),
          .low = std::max(0.0, value - inflation - error),
          .high = std::min(1.0, value + error)};
}

// max|q−p|. The expectation without drift has no closed form: bias 0. Bounds as for the total variation, with
// E max|noise| ≤ √(Σ variances) = √((1−Σp²)/m + (1−Σq²)/n).
Estimate LInfinity(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
  const Shares shares(baseline, current);
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  double value = 0;
  double p_left = 1;
  double q_left = 1;
  for (std::size_t cell = 0; cell < shares.cells(); ++cell) {
    const double p = shares.p(cell);
    const double q = shares.q(cell);
    value = std::max(value, std::abs(q - p));
    p_left -= p * p;
    q_left -= q * q;
  }
  const double inflation = std::sqrt(std::max(0.0, p_left) / shares.m + std::max(0.0, q_left) / shares.n);
  const double error = BoundedDifference(shares);
  return {
      .value = value, .bias = 0, .low = std::max(0.0, value - inflation - error), .high = std::min(1.0, value + error)};
}

// n_eff Σ(q−p)²/p, 1/n_eff = 1/n + 1/m. Without drift χ² with B−1 degrees of freedom over the occupied cells, which is
// the bias; what is above it estimates the non-centrality. Its variance: 2(B−1) of the χ² itself, and the delta method
// for the drift, with ∂/∂q = 2(q−p)/p and ∂/∂p = 1 − (q/p)².
Estimate ChiSquare(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current) {
  const Shares shares(baseline, current);
  if (shares.why != NotComputable::kComputed) return Estimate::None(shares.why);
  const double floor = 0.5 / (shares.m + static_cast<double>(shares.cells()) / 2);
  double sum = 0;
  DeltaVariance of_current;
  DeltaVariance of_baseline;
  for (std::size_t cell = 0; cell < shares.cells(); ++cell) {
    const double p = baseline[cell] == 0 ? floor : shares.p(cell);
    const double q = shares.q(cell);
    if (baseline[cell] == 0 && current[cell] == 0) continue;
    const double ratio = q / p;
    sum += (q - p) * (ratio - 1);
    of_current.Add(q, 2 * (ratio - 1));
    of_baseline.Add(p, 1 - ratio * ratio);
  }
  const double value = sum / shares.noise;
  const double freedom = shares.occupied - 1;
  const double drift =
      (of_current.PerRecord() / shares.n + of_baseline.PerRecord() / shares.m) / (shares.noise * shares.noise);
  const double error = kZ95 * std::sqrt(2 * freedom + drift);
  return {.value = value,
          .bias = freedom,
          .low = std::max(0.0, value - freedom - error),
          .high = std::max(0.0, value - freedom) + error};
}

}  // namespace detectors
