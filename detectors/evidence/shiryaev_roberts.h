// ShiryaevRoberts: the accumulated evidence of one monitor that what it watches has left its null, and the alarm rule.
//
// A mixture of Shiryaev–Roberts e-detectors (Shin, Ramdas, Rinaldo, NEJSDS 2023; STATISTICS 3.2). At every step
// component j has an e-value e_j, computed from the step's counts alone, with E[e_j | past] ≤ 1 while nothing has
// drifted:
//
//   R_j ← (1 + R_j)·e_j,   M = Σ v_j R_j with Σ v_j = 1,   alarm when M ≥ c, then all R_j = 0.
//
// Then E[alarms in T steps] ≤ T/c for any dependence over time and between monitors. The bound asks of e_j no more than
// that it is chosen before the step: bets, reference and null may be other ones at every step, as they are when a new
// version brings its own baseline; the null is then that every step's traffic is as its version's baseline has it.
// Weights may change before a step as well, but evidence cannot be moved to where it has turned out to be large:
// where v_j grows from v to v', R_j is multiplied by v/v', so that Σ v'_j R_j ≤ Σ v_j R_j and M − t stays a
// supermartingale; where it falls, what is lost is lost. A component that comes later (Grow) starts from 0 so. Beside
// R_j each component keeps its CUSUM D_j ← max(1, D_j)·e_j and the step in which its present run began (the last time
// D_j was at most 1): the maximum-likelihood estimate of when the change began.
//
// A step without records changes nothing: R would otherwise grow by one for every hour of a gap. Exponents of any size
// are safe: e is taken as at most e^60, which only lowers it, and R_j and D_j as at most 1e30. Not thread-safe. Cost:
// about 6 ns per component and step. Memory: 18 B per component.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/encoding.h"

namespace detectors {

// What a step has done to the evidence.
struct EvidenceStep {
  bool alarm = false;
  double evidence = 0;        // M/c after the step (at an alarm: before the reset); 1 = alarm
  std::size_t component = 0;  // with the largest share of M
  double mass = 0;            // R of that component
  std::uint32_t began = 0;    // step in which the change most likely began, if one did
  std::uint32_t steps = 0;    // steps with records from `began` to this one: how many it took
};

class ShiryaevRoberts {
 public:
  static constexpr std::size_t kMaxComponents = 1024;

  explicit ShiryaevRoberts(std::size_t components);

  // `step` numbers the steps in rising order (for instance its start divided by its length); `log_e` and `weights` have
  // components() elements, weights add up to 1 and are chosen before this step; `threshold` is c > 0.
  EvidenceStep Update(std::uint32_t step, std::uint64_t records, std::span<const double> log_e,
                      std::span<const float> weights, double threshold);
  // More components behind those there are, without evidence.
  void Grow(std::size_t components);
  // M/c as it stands.
  double Evidence(std::span<const float> weights, double threshold) const;
  void Reset();  // after an alarm, an accepted change or a new null

  std::size_t components() const { return mass_.size(); }

  void Encode(Encoder& out) const;
  static ShiryaevRoberts Decode(Decoder& in);
  bool operator==(const ShiryaevRoberts&) const = default;

 private:
  void Reweigh(std::span<const float> weights);
  void Advance(std::uint32_t step, std::span<const double> log_e);

  std::vector<float> mass_;            // R
  std::vector<float> cusum_;           // D
  std::vector<std::uint32_t> began_;   // of the present run
  std::vector<std::uint16_t> length_;  // of the present run in steps with records; stays at its maximum
  std::vector<float> weights_;         // of the newest step with records; empty: none yet
};

}  // namespace detectors
