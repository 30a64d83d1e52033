#include "detectors/quality/isotonic.h"

#include <stdexcept>

namespace detectors {

std::vector<IsotonicBlock> IsotonicRegression(std::span<const double> sums, std::span<const double> weights) {
  if (sums.size() != weights.size()) throw std::invalid_argument("isotonic regression: different numbers of entries");
  std::vector<IsotonicBlock> blocks;
  std::vector<double> block_sums;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    blocks.push_back({.size = 1, .rate = sums[i] / weights[i], .weight = weights[i]});
    block_sums.push_back(sums[i]);
    while (blocks.size() > 1 && blocks[blocks.size() - 2].rate >= blocks.back().rate) {
      const IsotonicBlock last = blocks.back();
      const double last_sum = block_sums.back();
      blocks.pop_back();
      block_sums.pop_back();
      blocks.back().size += last.size;
      blocks.back().weight += last.weight;
      block_sums.back() += last_sum;
      blocks.back().rate = block_sums.back() / blocks.back().weight;
    }
  }
  return blocks;
}

}  // namespace detectors
