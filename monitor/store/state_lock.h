// StateLock: one process per state folder. Creates the folder, takes an advisory lock in it, and holds it until it
// goes. Throws StoreError: the folder cannot be made or written, or another monitord holds it.
#pragma once

#include <filesystem>

namespace monitor {

class StateLock {
 public:
  explicit StateLock(const std::filesystem::path& state);
  ~StateLock();
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace monitor
