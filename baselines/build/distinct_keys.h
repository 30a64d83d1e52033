// DistinctKeys: how many different 64-bit keys there were. Exact up to kExactDistinct, by HyperLogLog (1.6 %) beyond.
//
// The result depends on the set of keys only. Not thread-safe. Memory: 4 KiB, and 128 KiB more while exact.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/counts/distinct_counter.h"

namespace baselines {

class DistinctKeys {
 public:
  static constexpr std::size_t kExactDistinct = 4096;

  void AddHash(std::uint64_t hash);                // well mixed
  void AddSorted(std::span<const double> values);  // rising: equal ones are hashed once; −0 is 0
  void Merge(const DistinctKeys& other);
  double Estimate() const;  // a whole number

 private:
  bool Insert(std::uint64_t hash);
  void GiveUpExact();

  std::vector<std::uint64_t> slots_;  // open addressing, 0 is free
  std::size_t size_ = 0;
  bool exact_ = true;
  detectors::DistinctCounter counter_;
};

std::size_t CountDistinct(std::span<const double> rising);

}  // namespace baselines
