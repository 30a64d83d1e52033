#include "detectors/distances/chi_square.h"

#include <cmath>
#include <limits>

namespace detectors {
namespace {

constexpr double kEpsilon = 1e-15;

// P(a, x) = x^a e^−x / Γ(a+1) · Σ x^k / ((a+1)…(a+k)); for x < a + 1.
double LowerSeries(double a, double x, double factor) {
  double term = 1 / a;
  double sum = term;
  for (double k = a + 1; term > sum * kEpsilon; ++k) {
    term *= x / k;
    sum += term;
  }
  return sum * factor;
}

// Q(a, x) by the continued fraction, evaluated forwards by Lentz's method; for x ≥ a + 1.
double UpperFraction(double a, double x, double factor) {
  constexpr double kTiny = std::numeric_limits<double>::min() / kEpsilon;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (double i = 1;; ++i) {
    const double step = -i * (i - a);
    b += 2;
    d = step * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + step / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    fraction *= d * c;
    if (std::abs(d * c - 1) < kEpsilon) return fraction * factor;
  }
}

}  // namespace

double ChiSquareTail(double x, double degrees) {
  if (!(x > 0)) return 1;
  if (std::isinf(x)) return 0;
  const double a = degrees / 2;
  const double half = x / 2;
  const double factor = std::exp(a * std::log(half) - half - std::lgamma(a));
  return half < a + 1 ? 1 - LowerSeries(a, half, factor) : UpperFraction(a, half, factor);
}

}  // namespace detectors
