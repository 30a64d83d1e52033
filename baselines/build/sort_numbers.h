// NumberSorter: doubles in rising order.
//
// A radix sort (least significant digit first; Knuth, The Art of Computer Programming 3, 5.2.5) of the 33 highest bits
// in which the numbers differ, then insertion, or comparison where many agree in all of those. −0 and 0 come in any
// order. Not thread-safe: holds the space that it sorts in, twice that of the numbers. Cost: about 7 ns a number where
// that space fits the second-level cache (32,768 numbers: 512 KiB).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace baselines {

class NumberSorter {
 public:
  // `values` finite. The result lies here until the next call.
  std::span<const double> Sort(std::span<const double> values);

 private:
  std::unique_ptr<double[]> space_;
  std::size_t room_ = 0;
};

}  // namespace baselines
