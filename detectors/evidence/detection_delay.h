// DetectionDelay: how many steps a change of a given size takes to become an alarm, to first order.
//
// Evidence grows by n·KL/φ a step with KL ≈ 0.955·(δ − δ0)²/2 nats per record for a shift of δ standard-deviation
// equivalents beyond the band δ0 (0.955 is what rank scores keep of a normal shift), and must reach
// ln c + ln(components) (STATISTICS 3.4). Pure function.
#pragma once

namespace detectors {

struct DelayInput {
  double effect;            // δ
  double band;              // δ0: the larger of min_effect and the baseline's error, in the same unit
  double records_per_step;  // n
  double design_effect;     // φ
  double threshold;         // c
  double components;        // of the mixture
};

// At least 1; infinity where the effect lies inside the band or there are no records.
double DetectionDelay(const DelayInput& input);

}  // namespace detectors
