// How coefficients of log e-values are kept: as float, rounded towards −∞, so that storing them never raises an
// e-value.
#pragma once

#include <cmath>
#include <limits>

namespace detectors {

inline float RoundDown(double value) {
  const auto rounded = static_cast<float>(value);
  return static_cast<double>(rounded) <= value ? rounded
                                               : std::nextafter(rounded, -std::numeric_limits<float>::infinity());
}

}  // namespace detectors
