#include "monitor/ctl/demo/daemon_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace monitor {

DaemonProcess::DaemonProcess(const std::filesystem::path& program, const std::filesystem::path& config,
                             const std::filesystem::path& log) {
  if (!std::filesystem::exists(program))
    throw std::runtime_error("demo: " + program.string() + " is not there; build it with ./dev build");
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("demo: cannot start a process");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // it never outlives the demo
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0640);
    dup2(file, STDERR_FILENO);
    execl(program.c_str(), program.c_str(), "--config", config.c_str(), nullptr);
    _exit(127);
  }
}

DaemonProcess::~DaemonProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

bool DaemonProcess::Running() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

}  // namespace monitor
