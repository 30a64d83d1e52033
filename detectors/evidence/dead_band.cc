#include "detectors/evidence/dead_band.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace detectors {
namespace {

constexpr double kStandardErrors = 4;
constexpr double kPi = std::numbers::pi;

// Mean of P2(2Φ(sX) − 1) for a standard normal X: E[Φ(sX)²] = 1/4 + asin(s²/(1+s²))/2π.
double ScaleOnSecondScore(double s) { return 3 / kPi * std::asin(s * s / (1 + s * s)) - 0.5; }

// A change of exactly the band's size is seen with the baseline's error upon it: one standard error keeps most of that
// inside, 4 hold where the band is small.
double WithError(double effect, double standard_error) {
  return std::max(effect + standard_error, kStandardErrors * standard_error);
}

}  // namespace

double DeadBand::EffectiveRows(double rows) const { return rows / std::max(1.0, baseline_design_effect); }

// A distribution at chi-square distance δ0² from the baseline moves the mean of P_k by at most δ0·sd(P_k) = δ0/√(2k+1)
// (Cauchy–Schwarz). The first score takes the exact slope of the normal shift instead, 1/√π = 0.5642 (the mean is
// 2Φ(δ/√2) − 1, concave). The second adds the curvature of the shift, √3/(2π)·δ² = 0.2757 δ², to the larger of
// Cauchy–Schwarz and the scale changes 1 + δ0/√2 and its inverse. On the third a shift has the slope 0.069 and a scale
// change none.
double DeadBand::OfScore(int degree, double rows) const {
  const double variance = 1.0 / (2 * degree + 1);
  double effect = min_effect * std::sqrt(variance);
  if (degree == 1) effect = min_effect / std::sqrt(kPi);
  if (degree == 2) {
    const double scale = 1 + min_effect / std::numbers::sqrt2;
    effect = std::max({effect, ScaleOnSecondScore(scale), -ScaleOnSecondScore(1 / scale)}) +
             std::numbers::sqrt3 / (2 * kPi) * min_effect * min_effect;
  }
  return WithError(effect, std::sqrt(variance / EffectiveRows(rows)));
}

// A shift moves a normal CDF by at most δ0·φ(0) = 0.3989 δ0 and Cauchy–Schwarz allows δ0·√(F(1−F)), which is less in
// the tails and still more than shift (δ0·φ(z)) and scale change (δ0·|z|φ(z)/√2) at every decile.
double DeadBand::OfEdge(double share, double rows) const {
  const double sd = std::sqrt(share * (1 - share));
  return WithError(min_effect * std::min(1 / std::sqrt(2 * kPi), sd), sd / std::sqrt(EffectiveRows(rows)));
}

double DeadBand::OfMean(double deviation, double rows) const {
  return WithError(min_effect * deviation, deviation / std::sqrt(EffectiveRows(rows)));
}

// Cauchy–Schwarz for an indicator: δ0·√(q(1−q)). The baseline's error as Wilson's interval at 4 standard errors,
// which stays sensible at 0: a rate that the baseline never showed may be 16/(m/φ_b + 16).
DeadBand::Shares DeadBand::OfRate(double events, double rows) const {
  const double m = EffectiveRows(rows);
  const double q = std::clamp(events / rows, 0.0, 1.0);
  const double z2 = kStandardErrors * kStandardErrors;
  const double centre = (q + z2 / (2 * m)) / (1 + z2 / m);
  const double half = kStandardErrors * std::sqrt(q * (1 - q) / m + z2 / (4 * m * m)) / (1 + z2 / m);
  const double wilson_high = std::min(1 - 1e-9, centre + half);
  const double wilson_low = q == 0 ? 0 : std::max(0.0, centre - half);
  const double error = std::sqrt(q * (1 - q) / m);
  const double high = std::max(wilson_high, q + error + min_effect * std::sqrt(wilson_high * (1 - wilson_high)));
  const double low = std::min(wilson_low, q - error - min_effect * std::sqrt(q * (1 - q)));
  return {.low = std::max(0.0, low), .high = std::min(high, 1 - 1e-9)};
}

}  // namespace detectors
