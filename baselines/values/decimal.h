// ParseDecimal: the double that a decimal text is, correctly rounded.
//
// Grammar: an optional sign, decimal digits with an optional point (a digit on at least one side), an optional
// exponent; nothing before, between or after. Up to 19 digits go to RoundDecimal, everything else to fast_float. Pure
// function, thread-safe. Cost: about 8 ns for ten digits. Returns false, leaving `value` alone, for anything else and
// where the result is not finite; what is too small for a double is 0.
#pragma once

namespace baselines {

bool ParseDecimal(const char* begin, const char* end, double& value);

}  // namespace baselines
