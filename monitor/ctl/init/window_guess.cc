#include "monitor/ctl/init/window_guess.h"

namespace monitor {

WindowGuess GuessWindow(std::uint64_t rows, std::int64_t span_ns) {
  constexpr double kDayNs = 86'400e9;
  if (rows < 2 || span_ns <= 0) return {"7d", "1d", 0};
  const double a_day = static_cast<double>(rows - 1) * kDayNs / static_cast<double>(span_ns);
  if (7 * a_day >= kRowsOfWindow) return {"7d", "1d", a_day};
  if (28 * a_day >= kRowsOfWindow) return {"28d", "7d", a_day};
  return {"91d", "7d", a_day};
}

}  // namespace monitor
