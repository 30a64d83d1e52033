// EvidencePath: the evidence of a monitor step by step, up to now; the newest kMost steps with values.
//
// Kept to show how an alarm came about. Part of the checkpoint. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "detectors/encoding.h"

namespace monitor {

class EvidencePath {
 public:
  static constexpr std::size_t kMost = 32;

  struct Point {
    std::int64_t start_ns;
    std::uint64_t records;
    double evidence;  // M/c after the step; 1 is an alarm
  };
  void Add(const Point& point);
  void Clear() { points_.clear(); }
  nlohmann::json Json() const;  // [{"start","records","evidence"}], oldest first

  void Encode(detectors::Encoder& out) const;
  static EvidencePath Decode(detectors::Decoder& in);

 private:
  std::vector<Point> points_;  // a deque takes 600 bytes for the first of them
};

}  // namespace monitor
