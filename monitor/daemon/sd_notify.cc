#include "monitor/daemon/sd_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace monitor {
namespace {

std::optional<std::uint64_t> Number(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view digits = text;
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<std::chrono::nanoseconds> WatchdogOfEnvironment() {
  constexpr std::uint64_t kLongest = 1'000'000ull * 86'400 * 365;  // a year; more would not fit after the conversion
  const auto interval = Number(std::getenv("WATCHDOG_USEC"));
  if (!interval || *interval == 0) return std::nullopt;
  // The variable is inherited: it counts only for the process that systemd means.
  if (const char* pid = std::getenv("WATCHDOG_PID");
      pid != nullptr && Number(pid) != static_cast<std::uint64_t>(getpid()))
    return std::nullopt;
  return std::chrono::microseconds(std::min(*interval, kLongest));
}

std::uint64_t MonotonicMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

SdNotify::SdNotify() : watchdog_(WatchdogOfEnvironment()) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@') || path[1] == '\0') return;
  address_ = path;
  if (address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_[0] == '@') address_[0] = '\0';
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

SdNotify::~SdNotify() {
  if (socket_ >= 0) close(socket_);
}

void SdNotify::Send(const std::string& message) {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  // A path ends with its zero byte, an abstract name with its last character.
  const std::size_t length = offsetof(sockaddr_un, sun_path) + address_.size() + (address_[0] == '\0' ? 0 : 1);
  [[maybe_unused]] const auto sent =
      sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const struct sockaddr*>(&to), static_cast<socklen_t>(length));
}

void SdNotify::Ready() { Send("READY=1"); }

void SdNotify::Reloading() { Send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(MonotonicMicroseconds())); }

void SdNotify::Stopping() { Send("STOPPING=1"); }

void SdNotify::Watchdog() { Send("WATCHDOG=1"); }

void SdNotify::Status(const std::string& line) {
  std::string status = "STATUS=" + line;
  std::replace_if(
      status.begin(), status.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  Send(status);
}

}  // namespace monitor
