// How far a model has learnt its baseline, or the parts that it lacks, from live traffic, for the API and monitorctl.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace monitor {

struct LearningProgress {
  std::string model;
  std::uint64_t rows = 0, of_rows = 0;           // seen, and needed at least
  std::int64_t length_ns = 0, of_length_ns = 0;  // event time that they cover, and that is needed
  std::vector<std::string> parts = {};           // of a baseline that has the rest; empty: all of it is learnt
  std::int64_t labels_due_ns = 0;                // when their labels have come; 0: not waited for
};

}  // namespace monitor
