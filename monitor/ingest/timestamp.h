// Arithmetic of event times, which are nanoseconds since 1970-01-01T00:00Z (read by baselines/values/timestamp.h). Pure
// functions.
#pragma once

#include <cstdint>

namespace monitor {

inline constexpr std::int64_t kYear2000Ns = 946684800LL * 1'000'000'000LL;

// Start of the pane, step or window of length `length_ns` that holds `ns`: multiples of the length since 1970, also
// before it.
constexpr std::int64_t FloorTo(std::int64_t ns, std::int64_t length_ns) {
  const std::int64_t rest = ns % length_ns;
  return rest >= 0 ? ns - rest : ns - rest - length_ns;
}
// a + b, stopping at the ends of 64 bits: times near them are legal input.
constexpr std::int64_t SaturatingAdd(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? INT64_MAX : INT64_MIN;
}

}  // namespace monitor
