// Isotonic regression: the rising sequence nearest to given rates in weighted squares.
//
// Pool adjacent violators (Ayer et al. 1955; Barlow et al. 1972). Pure, thread-safe. Cost: linear.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace detectors {

// A run of neighbours that share one rate.
struct IsotonicBlock {
  std::size_t size = 0;
  double rate = 0;
  double weight = 0;
};
// `sums` are rate times weight; weights are > 0. The blocks cover all entries; their rates rise strictly.
std::vector<IsotonicBlock> IsotonicRegression(std::span<const double> sums, std::span<const double> weights);

}  // namespace detectors
