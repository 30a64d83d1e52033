// SdNotify: what a Type=notify service tells systemd, one datagram to $NOTIFY_SOCKET per call (protocol of
// sd_notify(3), no libsystemd).
//
// Without $NOTIFY_SOCKET (started by hand, in a container) every call does nothing. A message that cannot be sent is
// dropped: telling systemd must never stop the daemon. Not thread-safe: one thread owns it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace monitor {

class SdNotify {
 public:
  // Reads $NOTIFY_SOCKET ('/path', or '@name' of the abstract name space), $WATCHDOG_USEC and $WATCHDOG_PID.
  SdNotify();
  ~SdNotify();
  SdNotify(const SdNotify&) = delete;
  SdNotify& operator=(const SdNotify&) = delete;

  bool active() const { return socket_ >= 0; }
  // How often systemd expects Watchdog() at the latest; nullopt when it does not watch this process. Feed it at half of
  // that.
  std::optional<std::chrono::nanoseconds> WatchdogInterval() const { return watchdog_; }

  void Ready();      // also ends a reload
  void Reloading();  // with MONOTONIC_USEC, which systemd 253 and later require
  void Stopping();
  void Watchdog();
  void Status(const std::string& line);  // one line for `systemctl status`; line breaks become blanks

 private:
  void Send(const std::string& message);

  int socket_ = -1;
  std::string address_;  // as a socket address holds it: a leading '@' is a zero byte here
  std::optional<std::chrono::nanoseconds> watchdog_;
};

}  // namespace monitor
