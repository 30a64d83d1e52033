// TimeFormat: event times as a producer writes them (`time_format:`) → nanoseconds since 1970-01-01T00:00Z.
//
// Either the unit of a number (s, ms, us, ns), or a pattern of strptime(3), as in "%d/%m/%Y %H:%M:%S"; %f stands for a
// fraction of a second, as in Python. Without %z or %s the time is UTC. A value type. Cost: about 300 ns for a pattern.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace monitor {

class TimeFormat {
 public:
  static std::optional<TimeFormat> FromText(std::string_view text);  // nullopt: neither a unit nor a pattern

  // nullopt: the text is not of this format, or outside 64-bit nanoseconds.
  std::optional<std::int64_t> Parse(std::string_view text) const;
  bool operator==(const TimeFormat&) const = default;

 private:
  std::int64_t unit_ns_ = 0;    // of a number; 0: a pattern
  std::string before_, after_;  // the pattern up to %f and from there on
  bool fraction_ = false;
};

}  // namespace monitor
