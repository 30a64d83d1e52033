// EffectOfPsi: the inverse of PSI(δ) between N(0,1) and N(δ,1) on the ten cells between the deciles of the first.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "detectors/distances/distance.h"

namespace detectors {
namespace {

constexpr int kStepsPerSigma = 16;
constexpr int kMaxSigma =
    30;  // beyond it the first cells' shares leave the range of a double; PSI(30) is 394, far above any count's

// Between two knots δ is a cubic Hermite polynomial of √PSI, which runs almost linearly: error below 1e-6 (measured in
// the tests).
struct Knot {
  double root;   // √PSI(δ)
  double slope;  // dδ/d√PSI
};
using Table = std::array<Knot, kStepsPerSigma * kMaxSigma + 1>;

double Phi(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }
double Density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

Knot KnotAt(double delta) {
  constexpr double kDeciles[] = {-1.2815515655446004, -0.8416212335729143, -0.5244005127080407, -0.2533471031357997, 0,
                                 0.2533471031357997,  0.5244005127080407,  0.8416212335729143,  1.2815515655446004};
  double psi = 0;
  double derivative = 0;
  double curvature = 0;  // Σ(dq/dδ)²/p: at δ = 0, PSI = curvature·δ²
  for (std::size_t cell = 0; cell < 10; ++cell) {
    // The highest cell from its own tail: 1 − Φ would cancel.
    const double below = cell == 0 ? 0 : Phi(kDeciles[cell - 1] - delta);
    const double q = cell == 9 ? Phi(delta - kDeciles[8]) : Phi(kDeciles[cell] - delta) - below;
    const double dq =
        (cell == 0 ? 0 : Density(kDeciles[cell - 1] - delta)) - (cell == 9 ? 0 : Density(kDeciles[cell] - delta));
    const double log = std::log(q / 0.1);
    psi += (q - 0.1) * log;
    derivative += dq * (log + 1 - 0.1 / q);
    curvature += dq * dq / 0.1;
  }
  if (delta == 0) return {.root = 0, .slope = 1 / std::sqrt(curvature)};
  return {.root = std::sqrt(psi), .slope = 2 * std::sqrt(psi) / derivative};
}

Table MakeTable() {
  Table table;
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = KnotAt(static_cast<double>(i) / kStepsPerSigma);
  return table;
}

}  // namespace

double EffectOfPsi(double psi) {
  static const Table table = MakeTable();
  if (!(psi > 0)) return 0;
  const double root = std::sqrt(psi);
  const auto upper = std::ranges::lower_bound(table, root, {}, &Knot::root);
  if (upper == table.end()) return kMaxSigma;
  const auto at = static_cast<std::size_t>(upper - table.begin());
  const Knot& a = table[at - 1];
  const Knot& b = table[at];
  const double width = b.root - a.root;
  const double t = (root - a.root) / width;
  const double left =
      (1 + 2 * t) * (1 - t) * (1 - t) * static_cast<double>(at - 1) + t * t * (3 - 2 * t) * static_cast<double>(at);
  return left / kStepsPerSigma + width * (t * (1 - t) * (1 - t) * a.slope - t * t * (1 - t) * b.slope);
}

}  // namespace detectors
