// FileError: a file of training data that cannot be read, or is not what it should be; with file and line where known.
#pragma once

#include <stdexcept>

namespace baselines {

class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace baselines
