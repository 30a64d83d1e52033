// How far a model has learnt its baseline from live traffic, for the API and monitorctl.
#pragma once

#include <cstdint>
#include <string>

namespace monitor {

struct LearningProgress {
  std::string model;
  std::uint64_t rows = 0, of_rows = 0;           // seen, and needed at least
  std::int64_t length_ns = 0, of_length_ns = 0;  // event time that they cover, and that is needed
};

}  // namespace monitor
