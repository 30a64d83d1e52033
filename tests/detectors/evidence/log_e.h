// What the tests of plans share: log e of one step as a vector, and exact expectations over count distributions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace detectors::testing {

inline double NormalBelow(double x) { return std::erfc(-x / M_SQRT2) / 2; }

// E[e] of every component for a count whose logarithm of probability is `log_probability`, by summing over 0..most.
inline std::vector<double> Expectation(std::uint64_t most, const std::function<double(std::uint64_t)>& log_probability,
                                       const std::function<std::vector<double>(std::uint64_t)>& log_e) {
  std::vector<double> sum;
  for (std::uint64_t k = 0; k <= most; ++k) {
    const std::vector<double> log = log_e(k);
    sum.resize(log.size());
    for (std::size_t j = 0; j < log.size(); ++j) sum[j] += std::exp(log_probability(k) + log[j]);
  }
  return sum;
}

inline double LogBinomial(std::uint64_t k, std::uint64_t n, double q) {
  const auto a = static_cast<double>(k);
  const auto b = static_cast<double>(n);
  const double choose = std::lgamma(b + 1) - std::lgamma(a + 1) - std::lgamma(b - a + 1);
  return choose + (k > 0 ? a * std::log(q) : 0) + (k < n ? (b - a) * std::log1p(-q) : 0);
}

// Negative binomial with this mean and variance/mean.
inline double LogNegativeBinomial(std::uint64_t k, double mean, double dispersion) {
  const double shape = mean / (dispersion - 1);
  const auto a = static_cast<double>(k);
  return std::lgamma(a + shape) - std::lgamma(shape) - std::lgamma(a + 1) - shape * std::log1p(mean / shape) +
         a * (std::log(mean) - std::log(mean + shape));
}

inline double LogPoisson(std::uint64_t k, double mean) {
  const auto a = static_cast<double>(k);
  return a * std::log(mean) - mean - std::lgamma(a + 1);
}

}  // namespace detectors::testing
