// Distances between a baseline and a current summary of one feature: value, bias without drift, confidence interval.
//
// Formulas and their sources: STATISTICS sections 1.2 and 2 of the design, repeated beside each function in
// distance.cc. Cells: numeric features use the coarse bins for PSI, Jensen–Shannon, Hellinger, total variation,
// L-infinity and chi-square, and the fine bins for Kolmogorov–Smirnov and Wasserstein. Categorical features use one
// cell per known category, one for "other" (when the baseline has such values) and one for unseen names;
// Kolmogorov–Smirnov and Wasserstein do not exist for them. Missing values take no part: their rate is judged by
// itself. Of an Estimate here, `bias` is the expected value when nothing has drifted (0 where not known) and the bounds
// are one-sided 95 % bounds of the debiased value, low ≥ 0. Pure functions, thread-safe. Cost: about 5 µs for 256 bins.
#pragma once

#include <cstdint>
#include <span>

#include "detectors/distances/estimate.h"
#include "detectors/feature_summary.h"

namespace detectors {

// PSI = Σ(q−p)ln(q/p), every cell smoothed by ½ on both sides. Bias (B−1)(1/n+1/m); lower bound by the delta method,
// upper bound with the variance at the bound itself.
Estimate Psi(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current);
// Jensen–Shannon distance, base 2: the square root of the divergence, 0..1.
Estimate JensenShannon(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current);
// Hellinger distance √(1−Σ√(pq)), 0..1.
Estimate Hellinger(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current);
// Total variation ½Σ|q−p| and L-infinity max|q−p|.
Estimate TotalVariation(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current);
Estimate LInfinity(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current);
// Chi-square statistic n_eff Σ(q−p)²/p of raw shares with 1/n_eff = 1/n+1/m. A cell that the baseline leaves empty is
// measured against its ½-smoothed share, so one unseen value is a large number and not infinity; a cell that is empty
// on both sides adds nothing. All functions over cells throw std::invalid_argument if the two sides have different
// numbers of cells.
Estimate ChiSquare(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current);
// Kolmogorov–Smirnov distance over ordered cells: at most max cell mass below the exact one. Bounds:
// Dvoretzky–Kiefer–Wolfowitz/Massart.
Estimate KolmogorovSmirnov(std::span<const std::uint64_t> baseline, std::span<const std::uint64_t> current);
// First Wasserstein distance of two numeric summaries in standard deviations of the baseline; F−G interpolated inside
// bins, tails exact. Its low and high are always NaN: without an assumption on the tails nothing bounds it.
Estimate WassersteinSigma(const FeatureSummary& baseline, const FeatureSummary& current);

// The shift of a normal distribution, in standard deviations, whose PSI on ten equal cells is `psi` (STATISTICS 2, "one
// knob"). ≥ 0.
double EffectOfPsi(double psi);

struct Distances {
  Estimate psi, ks, js, wasserstein, hellinger, total_variation, linf, chi2;
  Estimate effect;        // standard-deviation equivalents: EffectOfPsi of the debiased PSI and its bounds
  std::size_t cells = 0;  // coarse cells that PSI was computed on
};
// Both summaries over the same shape; throws std::invalid_argument otherwise.
Distances Compare(const FeatureSummary& baseline, const FeatureSummary& current);

// The cells that Compare uses for PSI, in their order; for brute-force checks and displays.
std::vector<std::uint64_t> CoarseCells(const FeatureSummary& summary, bool baseline_has_other);

}  // namespace detectors
