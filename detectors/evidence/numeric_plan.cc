#include "detectors/evidence/numeric_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "detectors/evidence/rounding.h"

namespace detectors {
namespace {

constexpr std::array<double, NumericPlan::kSizes> kBetSizes = {0.03, 0.06, 0.12, 0.25, 0.5, 0.9};
constexpr std::array<double, NumericPlan::kSizes> kLogOddsSizes = {0.05, 0.1, 0.2, 0.4, 0.8, 1.6};
// The most that a single record may take from a bet: 1 + λ(s − τ) stays at or above it.
constexpr double kLeast = 0.05;
// Location is what drifts most often; edges find what smooth scores do not.
constexpr std::array<double, NumericPlan::kScores> kScoreShares = {0.36, 0.22, 0.12};
constexpr double kEdgeShare = 0.3;

// ∫ P_k(v) dv from −1 to v, for k = 1..3: (P_{k+1} − P_{k−1})/(2k+1).
double LegendreIntegral(std::size_t degree, double v) {
  const double v2 = v * v;
  switch (degree) {
    case 1:
      return (v2 - 1) / 2;
    case 2:
      return v * (v2 - 1) / 2;
    default:
      return ((35 * v2 - 30) * v2 + 3 - 4 * (3 * v2 - 1)) / 56;
  }
}

double Shifted(double share, double log_odds) {
  return 1 / (1 + std::exp(-(std::log(share / (1 - share)) + log_odds)));
}

}  // namespace

NumericPlan::NumericPlan(std::span<const std::uint64_t> reference, const DeadBand& dead_band) {
  const double rows = static_cast<double>(std::accumulate(reference.begin(), reference.end(), std::uint64_t{0}));
  // A bin goes to the twentieth that its middle rank lies in; twentieths that stay empty are left out. Bins without
  // mass join the cell before them.
  bins_ = reference.size();
  std::array<double, kMaxCells> mass{};
  double below = 0;
  std::size_t previous = kMaxCells;  // twentieth of the cell that is being filled
  for (std::size_t bin = 0; bin < reference.size(); ++bin) {
    const auto count = static_cast<double>(reference[bin]);
    if (count > 0) {
      const auto twentieth = std::min<std::size_t>(
          kMaxCells - 1, static_cast<std::size_t>((below + count / 2) / rows * static_cast<double>(kMaxCells)));
      if (twentieth != previous) ++cells_;
      previous = twentieth;
      mass[cells_ - 1] += count;
      below += count;
    }
    cell_end_[cells_ == 0 ? 0 : cells_ - 1] = bin + 1;
  }
  usable_ = cells_ >= 2;
  if (!usable_) return;

  std::array<double, kMaxCells + 1> share{};  // at or below each cell's upper end
  for (std::size_t cell = 0; cell < cells_; ++cell) share[cell + 1] = share[cell] + mass[cell] / rows;
  share[cells_] = 1;

  for (std::size_t k = 0; k < kScores; ++k) {
    std::array<double, kMaxCells> score{};
    for (std::size_t cell = 0; cell < cells_; ++cell) {
      const double p = share[cell + 1] - share[cell];
      score[cell] =
          (LegendreIntegral(k + 1, 2 * share[cell + 1] - 1) - LegendreIntegral(k + 1, 2 * share[cell] - 1)) / (2 * p);
      scores_[cell][k] = static_cast<float>(score[cell]);
      score_variances_[k] += p * score[cell] * score[cell];
    }
    const double tolerance = dead_band.OfScore(static_cast<int>(k + 1), rows);
    tolerances_[k] = tolerance;
    for (std::size_t side = 0; side < 2; ++side) {
      double least = 0;
      double most = 0;
      for (std::size_t cell = 0; cell < cells_; ++cell) {
        const double gain = (side == 0 ? score[cell] : -score[cell]) - tolerance;
        least = std::min(least, gain);
        most = std::max(most, gain);
      }
      if (most <= 0) continue;  // the band holds every distribution
      for (std::size_t size = 0; size < kSizes; ++size) {
        const double lambda = std::min(kBetSizes[size], (1 - kLeast) / -least);
        const std::size_t component = (k * 2 + side) * kSizes + size;
        sizes_[component] = lambda;
        for (std::size_t cell = 0; cell < cells_; ++cell) {
          const double gain = (side == 0 ? score[cell] : -score[cell]) - tolerance;
          bets_[cell][component] = RoundDown(std::log1p(lambda * gain));
        }
        weights_[component] = static_cast<float>(kScoreShares[k] / (2 * kSizes));
      }
    }
  }

  std::size_t used_below = 0;  // cells below the last edge, so that two deciles never share an edge
  for (std::size_t e = 0; e < kEdges; ++e) {
    const double decile = static_cast<double>(e + 1) / (kEdges + 1);
    std::size_t nearest = 0;
    for (std::size_t cell = 1; cell < cells_; ++cell) {
      if (nearest == 0 || std::abs(share[cell] - decile) < std::abs(share[nearest] - decile)) nearest = cell;
    }
    if (nearest <= used_below) continue;
    used_below = nearest;
    Edge& edge = edges_[e];
    edge = {.used = true, .last_cell = nearest - 1, .last_bin = cell_end_[nearest - 1] - 1, .share = share[nearest]};
    const double tolerance = dead_band.OfEdge(edge.share, rows);
    for (std::size_t side = 0; side < 2; ++side) {
      const double q0 = edge.share + (side == 0 ? tolerance : -tolerance);
      if (!(q0 > 0 && q0 < 1)) continue;
      edge.null[side] = q0;
      for (std::size_t size = 0; size < kSizes; ++size) {
        const double q1 = Shifted(q0, side == 0 ? kLogOddsSizes[size] : -kLogOddsSizes[size]);
        const std::size_t at = side * kSizes + size;
        edge.inside[at] = RoundDown(std::log(q1 / q0));
        edge.outside[at] = RoundDown(std::log((1 - q1) / (1 - q0)));
        weights_[kBets + e * 2 * kSizes + at] = static_cast<float>(kEdgeShare / (kEdges * 2 * kSizes));
      }
    }
  }
  const float sum = std::accumulate(weights_.begin(), weights_.end(), 0.0F);
  usable_ = sum > 0;
  if (usable_)
    for (float& weight : weights_) weight /= sum;
}

NumericPlan::Cells NumericPlan::Join(std::span<const std::uint64_t> bins) const {
  if (bins.size() != bins_) throw std::invalid_argument("numeric plan: different numbers of bins");
  Cells cells{};
  std::size_t bin = 0;
  for (std::size_t cell = 0; bin < bins_; ++cell) {
    std::uint64_t sum = 0;
    for (; bin < cell_end_[cell]; ++bin) sum += bins[bin];
    cells[cell] = sum;
  }
  return cells;
}

NumericPlan::StepScores NumericPlan::Scores(std::span<const std::uint64_t> bins) const {
  const Cells cells = Join(bins);
  StepScores scores;
  for (std::size_t cell = 0; cell < std::max<std::size_t>(cells_, 1); ++cell) {
    scores.records += cells[cell];
    for (std::size_t k = 0; k < kScores; ++k)
      scores.means[k] += static_cast<double>(cells[cell]) * static_cast<double>(scores_[cell][k]);
  }
  if (scores.records > 0)
    for (double& mean : scores.means) mean /= static_cast<double>(scores.records);
  return scores;
}

std::vector<DesignEffect::Direction> NumericPlan::directions() const {
  std::vector<DesignEffect::Direction> directions;
  for (const double variance : score_variances_) directions.push_back({.variance = variance});
  return directions;
}

std::uint64_t NumericPlan::Accumulate(std::span<const std::uint64_t> bins,
                                      std::span<const double, kScores> design_effects, std::span<double> log_e) const {
  if (log_e.size() != kComponents) throw std::invalid_argument("numeric plan: log_e has another number of components");
  const Cells cells = Join(bins);
  const std::uint64_t records = std::accumulate(cells.begin(), cells.end(), std::uint64_t{0});
  if (!usable_ || records == 0) return records;

  std::array<double, kBets> bets{};
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    const auto count = static_cast<double>(cells[cell]);
    const float* const coefficients = bets_[cell].data();
    for (std::size_t j = 0; j < kBets; ++j) bets[j] += count * static_cast<double>(coefficients[j]);
  }
  double effect = 1;
  for (std::size_t k = 0; k < kScores; ++k) {
    effect = std::max(effect, design_effects[k]);
    const double scale = 1 / effect;
    for (std::size_t j = k * 2 * kSizes; j < (k + 1) * 2 * kSizes; ++j) log_e[j] += scale * bets[j];
  }
  const double scale = 1 / effect;
  std::uint64_t below = 0;
  std::size_t cell = 0;
  for (std::size_t e = 0; e < kEdges; ++e) {
    const Edge& edge = edges_[e];
    if (!edge.used) continue;
    for (; cell <= edge.last_cell; ++cell) below += cells[cell];
    const double inside = scale * static_cast<double>(below);
    const double outside = scale * static_cast<double>(records - below);
    double* const out = log_e.data() + kBets + e * 2 * kSizes;
    for (std::size_t j = 0; j < 2 * kSizes; ++j)
      out[j] += inside * static_cast<double>(edge.inside[j]) + outside * static_cast<double>(edge.outside[j]);
  }
  return records;
}

NumericPlan::Meaning NumericPlan::MeaningOf(std::size_t component) const {
  if (component < kBets) {
    return {.degree = static_cast<int>(component / (2 * kSizes)) + 1,
            .up = component / kSizes % 2 == 0,
            .share = std::numeric_limits<double>::quiet_NaN(),
            .last_bin = 0};
  }
  const Edge& edge = edges_[(component - kBets) / (2 * kSizes)];
  return {.degree = 0, .up = (component - kBets) / kSizes % 2 == 0, .share = edge.share, .last_bin = edge.last_bin};
}

NumericPlan::Inputs NumericPlan::InputsOf(std::size_t component, std::span<const std::uint64_t> reference,
                                          std::span<const std::uint64_t> step) const {
  Inputs inputs;
  inputs.meaning = MeaningOf(component);
  const bool bet = component < kBets;
  const Edge* const edge = bet ? nullptr : &edges_[(component - kBets) / (2 * kSizes)];
  const std::size_t at = (component - (bet ? 0 : kBets)) % (2 * kSizes);
  if (bet) {
    inputs.size = sizes_[component];
    inputs.tolerance = tolerances_[component / (2 * kSizes)];
  } else {
    const std::size_t side = at / kSizes;
    inputs.null_share = edge->null[side];
    inputs.alternative_share =
        Shifted(edge->null[side], side == 0 ? kLogOddsSizes[at % kSizes] : -kLogOddsSizes[at % kSizes]);
  }
  const Cells before = Join(reference), now = Join(step);
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    Cell& of_cell = inputs.cells.emplace_back();
    of_cell = {.last_bin = cell_end_[cell] - 1, .reference = before[cell], .step = now[cell], .score = 0, .log_e = 0};
    if (bet) {
      of_cell.score = scores_[cell][component / (2 * kSizes)];
      of_cell.log_e = bets_[cell][component];
    } else {
      of_cell.score = cell <= edge->last_cell ? 1 : 0;
      of_cell.log_e = cell <= edge->last_cell ? edge->inside[at] : edge->outside[at];
    }
  }
  return inputs;
}

}  // namespace detectors
