// RatePlan: the e-values of rates — missing, type faults, below the minimum, above the maximum, unseen, each large
// category, errors of a classifier.
//
// Per rate, binomial likelihood ratios of its events k in n records, log e = k ln(q1/q0) + (n−k) ln((1−q1)/(1−q0)):
// upwards from the upper end of the dead-band to odds 1.1, 1.22, 1.5, 3, 10, 30 and 100 times as high, downwards from
// the lower end by 1.1, 1.22, 1.5, 3 and 10. E[e] ≤ 1 for every share on the null's side. A rate that the baseline
// never showed has an upper end above 0 (dead_band.h), so one record is never infinite evidence. Each rate is divided
// by the design effect of its own direction. A quality metric that is a proportion is a RatePlan of one rate, and since
// the baseline's error is inside the dead-band, the comparison of two proportions as well.
//
// The components are the same for every plan of as many rates, so log e of several plans can be added. Immutable,
// thread-safe. Cost: 30 ns per rate and step. Memory: 150 B per rate.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/evidence/dead_band.h"

namespace detectors {

// How often something happened in how many records; a rate of 0 records says nothing.
struct Tally {
  std::uint64_t events = 0;
  std::uint64_t records = 0;
};

class RatePlan {
 public:
  static constexpr std::size_t kUp = 7;
  static constexpr std::size_t kDown = 5;
  static constexpr std::size_t kPerRate = kUp + kDown;

  // Reference tallies; a rate that the reference has no records of has weight 0. `shares` are the rates' parts of the
  // mixture (any unit; equal where empty).
  RatePlan(std::span<const Tally> reference, const DeadBand& dead_band, std::span<const double> shares = {});

  std::size_t rates() const { return rates_.size(); }
  std::size_t components() const { return rates_.size() * kPerRate; }
  bool usable() const { return usable_; }
  std::span<const float> weights() const { return weights_; }  // sum 1, or all 0 if not usable

  // For DesignEffect: the variance of one record in each rate's direction, at the upper end of the null.
  std::vector<double> variances() const;

  // Adds the log e of a step to `log_e` (components() elements) and returns the largest number of records of a rate.
  std::uint64_t Accumulate(std::span<const Tally> step, std::span<const double> design_effects,
                           std::span<double> log_e) const;

  struct Meaning {
    std::size_t rate;
    bool up;
  };
  static Meaning MeaningOf(std::size_t component) {
    return {.rate = component / kPerRate, .up = component % kPerRate < kUp};
  }
  // The shares of a rate that count as unchanged.
  const DeadBand::Shares& null_of(std::size_t rate) const { return rates_[rate].null; }

 private:
  struct Rate {
    DeadBand::Shares null{0, 0};
    std::array<float, kPerRate> event{}, other{};
  };

  bool usable_ = false;
  std::vector<Rate> rates_;
  std::vector<float> weights_;
};

}  // namespace detectors
