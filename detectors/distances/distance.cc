#include "detectors/distances/distance.h"

#include <algorithm>
#include <stdexcept>

namespace detectors {
namespace {

// Monotone, so bounds of the debiased PSI become bounds of the effect.
Estimate Effect(const Estimate& psi) {
  if (!psi.ok()) return Estimate::None(psi.why);
  return {.value = EffectOfPsi(std::max(0.0, psi.value - psi.bias)),
          .bias = 0,
          .low = EffectOfPsi(psi.low),
          .high = EffectOfPsi(psi.high)};
}

}  // namespace

std::vector<std::uint64_t> CoarseCells(const FeatureSummary& summary, bool baseline_has_other) {
  if (summary.kind() == FeatureKind::kNumeric) return summary.shape().binning.Coarse(summary.bins());
  const CategoryCounts& categories = summary.categories();
  std::vector<std::uint64_t> cells(categories.known().begin(), categories.known().end());
  if (baseline_has_other) cells.push_back(categories.other());
  // A name that the dictionary knows as rare but that the baseline's values lack is as new as an unseen one.
  cells.push_back(categories.unseen() + (baseline_has_other ? 0 : categories.other()));
  return cells;
}

Distances Compare(const FeatureSummary& baseline, const FeatureSummary& current) {
  if (baseline.shared_shape() != current.shared_shape() && !(baseline.shape() == current.shape())) {
    throw std::invalid_argument("distance: summaries of different shapes");
  }
  const bool has_other = baseline.categories().other() > 0;
  const std::vector<std::uint64_t> p = CoarseCells(baseline, has_other);
  const std::vector<std::uint64_t> q = CoarseCells(current, has_other);
  const bool numeric = baseline.kind() == FeatureKind::kNumeric;
  const Estimate not_ordered = Estimate::None(NotComputable::kNotForThisType);
  const Estimate psi = Psi(p, q);
  return {.psi = psi,
          .ks = numeric ? KolmogorovSmirnov(baseline.bins(), current.bins()) : not_ordered,
          .js = JensenShannon(p, q),
          .wasserstein = numeric ? WassersteinSigma(baseline, current) : not_ordered,
          .hellinger = Hellinger(p, q),
          .total_variation = TotalVariation(p, q),
          .linf = LInfinity(p, q),
          .chi2 = ChiSquare(p, q),
          .effect = Effect(psi),
          .cells = p.size()};
}

}  // namespace detectors
