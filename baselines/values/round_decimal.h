// RoundDecimal: the double nearest to mantissa · 10^exponent (ties to even).
//
// Exact arithmetic where both are small (Clinger, "How to read floating point numbers accurately", PLDI 1990), else
// the algorithm of Eisel and Lemire as fast_float has it (Lemire, "Number parsing at a gigabyte per second", SPE 2021).
// Pure function, thread-safe. Cost: about 4 ns. False, leaving `value` alone: it takes all digits to decide, or the
// result is not finite.
#pragma once

#include <cstdint>

namespace baselines {

bool RoundDecimal(std::uint64_t mantissa, std::int64_t exponent, double& value);

}  // namespace baselines
