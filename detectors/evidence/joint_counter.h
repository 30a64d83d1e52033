// JointCounter: rows of bins → their normal scores → SecondMoments.
//
// Works in chunks of 64 rows and keeps nothing between two calls but its scratch. Not thread-safe. Cost: 1 ns per
// feature and row, and that of SecondMoments.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/evidence/normal_scores.h"
#include "detectors/evidence/second_moments.h"

namespace detectors {

class JointCounter {
 public:
  // `scores` by feature; must outlive this.
  explicit JointCounter(std::span<const BinScores> scores) : scores_(scores), chunk_(scores.size()) {}

  // `bins` has one array per feature, from Binning::Count; `rows` are the places in them that are added.
  void Add(std::span<const std::uint8_t* const> bins, std::span<const std::uint16_t> rows, SecondMoments& sum);

 private:
  std::span<const BinScores> scores_;
  std::vector<SecondMoments::Chunk> chunk_;
};

// Every 2^n-th record is sampled, by its hash, so that the pairs of a record cost 64 ns at most on average.
constexpr unsigned JointSampleShift(std::size_t features) {
  constexpr std::size_t kPairs = 640;
  unsigned shift = 0;
  while (features * (features + 1) / 2 >> shift > kPairs) ++shift;
  return shift;
}

}  // namespace detectors
