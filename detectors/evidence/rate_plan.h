// RatePlan: the e-values of rates — missing, type faults, below the minimum, above the maximum, unseen, each large
// category, errors of a classifier.
//
// Faults come in sessions, so counts of rare events have heavier tails than binomial evidence divided by a design
// effect allows for. The null of a rate q0 is therefore the count with mean nq0 and variance φ·nq0(1−q0) out of one
// family: binomial for φ = 1, negative binomial once φ(1−q0) > 1. With φ' = φ(1−q0) the likelihood ratio of ρ times the
// mean is
//
//   log e = k·ln(ρφ'/(1 + ρ(φ'−1))) − nq0·ln((1 + ρ(φ'−1))/φ')/(φ'−1),
//
// monotone in k and therefore with E[e] ≤ 1 on the whole of the null's side of q0. Upwards from the upper end of the
// dead-band ρ is 1.1, 1.22, 1.5, 3, 10, 30 and 100, downwards from the lower end the inverse of the first three; above
// one half the non-events are counted instead. φ' is rounded up to a step of 2^(1/8). Two more components bet on the
// mean alone, e = 1 − λ + λk/(nq0): valid for any dependence inside a step, they find the burst of what never was seen
// before while its design effect cannot be known. A rate that the baseline never showed has an upper end above 0
// (dead_band.h), so one record is never infinite evidence.
//
// A quality metric that is a proportion is a RatePlan of one rate, and since the baseline's error is inside the
// dead-band, the comparison of two proportions as well. The components are the same for every plan of as many rates, so
// log e of several plans can be added. Immutable, thread-safe. Cost: 40 ns per rate and step. Memory: 64 B per rate.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/evidence/dead_band.h"
#include "detectors/evidence/design_effect.h"

namespace detectors {

// How often something happened in how many records; a rate of 0 records says nothing.
struct Tally {
  std::uint64_t events = 0;
  std::uint64_t records = 0;
};

class RatePlan {
 public:
  static constexpr std::size_t kUp = 7;
  static constexpr std::size_t kDown = 3;
  static constexpr std::size_t kBursts = 2;
  static constexpr std::size_t kPerRate = kUp + kDown + kBursts;

  // Reference tallies; a rate that the reference has no records of has weight 0. `shares` are the rates' parts of the
  // mixture (any unit; equal where empty).
  RatePlan(std::span<const Tally> reference, const DeadBand& dead_band, std::span<const double> shares = {});

  std::size_t rates() const { return nulls_.size(); }
  std::size_t components() const { return nulls_.size() * kPerRate; }
  bool usable() const { return usable_; }
  std::span<const float> weights() const { return weights_; }  // sum 1, or all 0 if not usable

  // For DesignEffect, one per rate, at the upper end of the null.
  std::vector<DesignEffect::Direction> directions() const;

  // Adds the log e of a step to `log_e` (components() elements) and returns the largest number of records of a rate.
  std::uint64_t Accumulate(std::span<const Tally> step, std::span<const double> design_effects,
                           std::span<double> log_e) const;

  struct Meaning {
    std::size_t rate;
    bool up;
  };
  static Meaning MeaningOf(std::size_t component) {
    const std::size_t j = component % kPerRate;
    return {.rate = component / kPerRate, .up = j < kUp || j >= kUp + kDown};
  }
  // Everything that the log e of a component is computed from, so that it can be computed again by hand: with a burst
  // ln(1 − bet + bet·k/(n·q0)), else the formula above with k events (or non-events) of n records.
  struct Inputs {
    bool non_events = false;  // those are counted
    double null_share = 0;    // q0, of what is counted
    double factor = 0;        // ρ; of a burst its bet λ
    bool burst = false;
    double dispersion = 0;  // φ', rounded up; 0 for a burst
  };
  Inputs InputsOf(std::size_t component, double design_effect) const;
  // The shares of a rate that count as unchanged.
  const DeadBand::Shares& null_of(std::size_t rate) const { return nulls_[rate]; }

 private:
  bool usable_ = false;
  std::vector<DeadBand::Shares> nulls_;
  std::vector<float> weights_;
};

}  // namespace detectors
