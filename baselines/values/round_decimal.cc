#include "baselines/values/round_decimal.h"

#include <fast_float/fast_float.h>

#include <cmath>

namespace baselines {
namespace {

constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::int64_t kLargestPower = 22;
constexpr std::uint64_t kExactIntegers = std::uint64_t{1} << 53;

}  // namespace

bool RoundDecimal(std::uint64_t mantissa, std::int64_t exponent, double& value) {
  if (mantissa <= kExactIntegers && exponent >= -kLargestPower && exponent <= kLargestPower) {
    const double whole = static_cast<double>(static_cast<std::int64_t>(mantissa));
    value = exponent < 0 ? whole / kPowers[-exponent] : whole * kPowers[exponent];
    return true;
  }
  const fast_float::adjusted_mantissa rounded =
      fast_float::compute_float<fast_float::binary_format<double>>(exponent, mantissa);
  if (rounded.power2 < 0) return false;
  double result = 0;
  fast_float::to_float(false, rounded, result);
  if (!std::isfinite(result)) return false;
  value = result;
  return true;
}

}  // namespace baselines
