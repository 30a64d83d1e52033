// The golden values of prediction quality: golden/make_quality.py made golden/quality.json.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>

namespace detectors::testing {

inline nlohmann::json GoldenQuality(const char* section) {
  std::ifstream file(GOLDEN_QUALITY);
  return nlohmann::json::parse(file).at(section);
}

}  // namespace detectors::testing
