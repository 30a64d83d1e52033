// How somebody writes event times.
//
// Tried in this order: what the daemon reads by itself (RFC 3339, seconds and milliseconds since 1970), micro- and
// nanoseconds, then usual patterns. A format fits when it reads nearly all values to times between 2000 and a day after
// their messages. Where several patterns fit (05/04/2026), the one nearest to the messages' own times is taken and the
// others are told. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace monitor {

struct TimeGuess {
  std::string format;               // for `time_format`; empty: none is needed
  std::vector<std::string> others;  // formats that fit as well
};

// Values with the times of their messages (ns).
using TimedValues = std::vector<std::pair<const nlohmann::json*, std::optional<std::int64_t>>>;
std::optional<TimeGuess> GuessTime(const TimedValues& values);

}  // namespace monitor
