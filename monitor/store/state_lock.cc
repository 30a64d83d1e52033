#include "monitor/store/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "monitor/store/sqlite.h"

namespace monitor {

StateLock::StateLock(const std::filesystem::path& state) {
  std::error_code fault;
  std::filesystem::create_directories(state, fault);
  if (fault)
    throw StoreError("state: cannot make the folder " + state.string() + ": " + fault.message() +
                     "; make it, or set `state` to another");
  const std::filesystem::path name = state / "lock";
  file_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file_ < 0) {
    throw StoreError("state: cannot write in " + state.string() + ": " + std::strerror(errno) +
                     "; give the user of monitord the right to write there");
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    ::close(file_);
    throw StoreError("state: " + state.string() +
                     " is locked by another monitord; stop it, or set `state` to another folder");
  }
}

StateLock::~StateLock() { ::close(file_); }

}  // namespace monitor
