// DaemonProcess: a monitord started as a child, its log in a file, stopped by its own process id.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace monitor {

class DaemonProcess {
 public:
  // Throws std::runtime_error when the program cannot be started.
  DaemonProcess(const std::filesystem::path& program, const std::filesystem::path& config,
                const std::filesystem::path& log);
  ~DaemonProcess();  // SIGTERM, then waits
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  bool Running();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

}  // namespace monitor
