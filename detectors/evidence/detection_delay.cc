#include "detectors/evidence/detection_delay.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace detectors {

double DetectionDelay(const DelayInput& input) {
  const double beyond = input.effect - input.band;
  const double gain = 0.955 * beyond * beyond / 2 * input.records_per_step / std::max(1.0, input.design_effect);
  if (!(beyond > 0) || !(gain > 0)) return std::numeric_limits<double>::infinity();
  return std::max(1.0, (std::log(input.threshold) + std::log(std::max(1.0, input.components))) / gain);
}

}  // namespace detectors
