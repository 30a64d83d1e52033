// Window and step from how much traffic there is.
//
// A day is the step wherever there is enough of it, because inputs follow the hour of the day. A change of 0.25
// standard deviations is told from chance with about 200 rows, so the window is the shortest of a week, four and
// thirteen weeks that holds as many; then the step is a seventh or a fourth of it. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace monitor {

inline constexpr double kRowsOfWindow = 200;

struct WindowGuess {
  std::string window, step;
  double rows_a_day = 0;  // 0: not known
};

// `rows` records within `span_ns`.
WindowGuess GuessWindow(std::uint64_t rows, std::int64_t span_ns);

}  // namespace monitor
