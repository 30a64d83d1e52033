#include "detectors/evidence/rate_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::array<double, RatePlan::kUp> kFactors = {1.1, 1.22, 1.5, 3, 10, 30, 100};
constexpr std::array<double, RatePlan::kBursts> kBurstBets = {0.5, 0.9};

// Levels of φ' = ½·2^(i/8): from a binomial count of one half to a dispersion of 2^20.
constexpr std::size_t kLevelsPerOctave = 8;
constexpr std::size_t kLevels = 21 * kLevelsPerOctave + 1;
constexpr double kLeastDispersion = 0.5;

struct Slope {
  double per_event;
  double per_expected;  // event under the null
};
struct Level {
  std::array<Slope, RatePlan::kUp> up, down;
};

// Below dispersion 1 the count is bounded: it cannot exceed 1/(1−φ') times its mean.
double Possible(double factor, double dispersion) {
  return dispersion < 1 ? std::min(factor, 1 + 0.9 * dispersion / (1 - dispersion)) : factor;
}

Slope SlopeOf(double factor, double dispersion) {
  const double v = dispersion - 1;
  factor = Possible(factor, dispersion);
  if (std::abs(v) < 1e-9) return {.per_event = std::log(factor), .per_expected = 1 - factor};
  const double ratio = (1 + factor * v) / dispersion;
  return {.per_event = std::log(factor / ratio), .per_expected = -std::log(ratio) / v};
}

// The level that a dispersion is rounded up to.
std::size_t LevelNumber(double dispersion) {
  const double at = std::ceil(std::log2(dispersion / kLeastDispersion) * kLevelsPerOctave - 1e-9);
  return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(kLevels - 1)));
}
double DispersionOf(std::size_t level) {
  return kLeastDispersion * std::exp2(static_cast<double>(level) / kLevelsPerOctave);
}

// A constant of the formula alone; made at the first use.
const std::vector<Level>& Levels() {
  static const std::vector<Level> levels = [] {
    std::vector<Level> made(kLevels);
    for (std::size_t i = 0; i < kLevels; ++i) {
      const double dispersion = DispersionOf(i);
      for (std::size_t j = 0; j < RatePlan::kUp; ++j) {
        made[i].up[j] = SlopeOf(kFactors[j], dispersion);
        made[i].down[j] = SlopeOf(1 / kFactors[j], dispersion);
      }
    }
    return made;
  }();
  return levels;
}

// One side of a rate: `share` ≤ ½ is the null's end, of events or of non-events.
void AccumulateSide(const std::vector<Level>& levels, double share, double events, double records, double design_effect,
                    bool more, std::span<double> out) {
  const Level& level = levels[LevelNumber(design_effect * (1 - share))];
  const auto& slopes = more ? level.up : level.down;
  for (std::size_t j = 0; j < out.size(); ++j)
    out[j] += events * slopes[j].per_event + records * share * slopes[j].per_expected;
}

}  // namespace

RatePlan::RatePlan(std::span<const Tally> reference, const DeadBand& dead_band, std::span<const double> shares)
    : nulls_(reference.size(), {0, 0}), weights_(reference.size() * kPerRate) {
  if (!shares.empty() && shares.size() != reference.size())
    throw std::invalid_argument("rate plan: different numbers of rates and shares");
  for (std::size_t r = 0; r < nulls_.size(); ++r) {
    if (reference[r].records == 0) continue;
    nulls_[r] = dead_band.OfRate(static_cast<double>(reference[r].events), static_cast<double>(reference[r].records));
    const auto weight = static_cast<float>(shares.empty() ? 1.0 : shares[r]);
    const auto of_rate = std::span(weights_).subspan(r * kPerRate, kPerRate);
    std::ranges::fill(of_rate, weight);
    // Nothing lies below a band that reaches down to 0.
    if (nulls_[r].low <= 0) std::ranges::fill(of_rate.subspan(kUp, kDown), 0.0F);
  }
  const float sum = std::accumulate(weights_.begin(), weights_.end(), 0.0F);
  usable_ = sum > 0;
  if (usable_)
    for (float& weight : weights_) weight /= sum;
}

std::vector<DesignEffect::Direction> RatePlan::directions() const {
  std::vector<DesignEffect::Direction> directions;
  directions.reserve(nulls_.size());
  for (const DeadBand::Shares& null : nulls_)
    directions.push_back({.variance = null.high * (1 - null.high), .events = null.high});
  return directions;
}

std::uint64_t RatePlan::Accumulate(std::span<const Tally> step, std::span<const double> design_effects,
                                   std::span<double> log_e) const {
  if (step.size() != rates() || design_effects.size() != rates() || log_e.size() != components())
    throw std::invalid_argument("rate plan: different numbers of rates");
  const std::vector<Level>& levels = Levels();
  std::uint64_t most = 0;
  for (std::size_t r = 0; r < nulls_.size(); ++r) {
    most = std::max(most, step[r].records);
    const DeadBand::Shares& null = nulls_[r];
    if (null.high == 0 || step[r].records == 0) continue;
    const double effect = std::max(1.0, design_effects[r]);
    const auto records = static_cast<double>(step[r].records);
    const auto events = static_cast<double>(step[r].events);
    const auto out = log_e.subspan(r * kPerRate, kPerRate);
    if (null.high <= 0.5) {
      AccumulateSide(levels, null.high, events, records, effect, true, out.first(kUp));
    } else {
      AccumulateSide(levels, 1 - null.high, records - events, records, effect, false, out.first(kUp));
    }
    if (null.low > 0.5) {
      AccumulateSide(levels, 1 - null.low, records - events, records, effect, true, out.subspan(kUp, kDown));
    } else if (null.low > 0) {
      AccumulateSide(levels, null.low, events, records, effect, false, out.subspan(kUp, kDown));
    }
    for (std::size_t j = 0; j < kBursts; ++j)
      out[kUp + kDown + j] += std::log(1 - kBurstBets[j] + kBurstBets[j] * events / (records * null.high));
  }
  return most;
}

RatePlan::Inputs RatePlan::InputsOf(std::size_t component, double design_effect) const {
  const DeadBand::Shares& null = nulls_[component / kPerRate];
  const std::size_t j = component % kPerRate;
  if (j >= kUp + kDown) {
    return {.non_events = false,
            .null_share = null.high,
            .factor = kBurstBets[j - kUp - kDown],
            .burst = true,
            .dispersion = 0};
  }
  const bool up = j < kUp;
  const double end = up ? null.high : null.low;
  Inputs inputs;
  inputs.non_events = end > 0.5;
  inputs.null_share = inputs.non_events ? 1 - end : end;
  // More non-events are fewer events.
  inputs.factor = up != inputs.non_events ? kFactors[up ? j : j - kUp] : 1 / kFactors[up ? j : j - kUp];
  inputs.dispersion = DispersionOf(LevelNumber(std::max(1.0, design_effect) * (1 - inputs.null_share)));
  inputs.factor = Possible(inputs.factor, inputs.dispersion);
  return inputs;
}

}  // namespace detectors
