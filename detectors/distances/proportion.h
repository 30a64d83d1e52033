// Intervals of proportions, all two-sided 95 %: one, the difference of two, the mean of several.
//
// Wilson (1927) score interval; Newcombe (1998, "Interval estimation for the difference between independent
// proportions", method 10); mean of independent proportions from their intervals by the same squaring and adding (Zou
// and Donner 2008). None of them collapses at 0 or 1. Pure functions, thread-safe. Cost: a few ns.
#pragma once

#include <cstdint>
#include <span>

#include "detectors/distances/estimate.h"

namespace detectors {

inline constexpr double kZ975 = 1.959963984540054;  // 97.5 % of a standard normal variable lie below

struct Interval {
  double low;
  double high;
};

// k of n, 0 ≤ k ≤ n, n > 0; need not be whole.
Interval Wilson(double k, double n);
// k of n with the Wilson interval; None(when_none) without any.
Estimate Proportion(std::uint64_t k, std::uint64_t n, NotComputable when_none);
// k1/n1 − k2/n2; None(when_none) when either side is empty.
Estimate ProportionDifference(std::uint64_t k1, std::uint64_t n1, std::uint64_t k2, std::uint64_t n2,
                              NotComputable when_none);
// `proportions` independent of each other and all computable, at least one.
Estimate MeanOfProportions(std::span<const Estimate> proportions);

}  // namespace detectors
