// The confusion matrix of labelled predictions that have a predicted class.
//
// Pure functions, thread-safe. Cost: proportional to the cells of the counts plus the square of the number of classes.
#pragma once

#include <cstdint>
#include <vector>

#include "detectors/quality/classification_counts.h"

namespace detectors {

struct ConfusionMatrix {
  std::vector<std::uint16_t> classes;  // rising codes of all that are a label or predicted
  std::vector<std::uint64_t> counts;   // row by row: one row for each label class, one column for each predicted class
  std::uint64_t total = 0;

  std::size_t size() const { return classes.size(); }
  std::uint64_t at(std::size_t label, std::size_t predicted) const { return counts[label * size() + predicted]; }
  std::uint64_t labelled(std::size_t label) const;       // sum of a row
  std::uint64_t predicted(std::size_t predicted) const;  // sum of a column
};
ConfusionMatrix Confusion(const ClassificationCounts& counts);

// Every class but the positive one is negative.
struct BinaryConfusion {
  std::uint64_t true_positive = 0;
  std::uint64_t false_positive = 0;
  std::uint64_t false_negative = 0;
  std::uint64_t true_negative = 0;

  std::uint64_t total() const { return true_positive + false_positive + false_negative + true_negative; }
};
BinaryConfusion Confusion(const ClassificationCounts& counts, std::uint16_t positive);

}  // namespace detectors
