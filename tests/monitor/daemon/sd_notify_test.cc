#include "monitor/daemon/sd_notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "tests/support/temporary.h"

namespace monitor {
namespace {

// The receiving end, as systemd holds it: a real datagram socket under a path or an abstract name.
class Receiver {
 public:
  explicit Receiver(const std::string& name) : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto length = offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '@' ? 0 : 1);
    bound_ = bind(socket_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)) == 0;
  }
  ~Receiver() { close(socket_); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  bool bound() const { return bound_; }
  // The next datagram; empty when there is none.
  std::string Next() {
    char buffer[4096];
    const auto size = recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    return size < 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(size));
  }

 private:
  int socket_;
  bool bound_ = false;
};

class SdNotifyTest : public testing::Test {
 protected:
  void SetUp() override { Clear(); }
  void TearDown() override { Clear(); }
  static void Clear() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  static std::string UniqueName() { return "monitord-sd-notify-" + std::to_string(getpid()); }
};

TEST_F(SdNotifyTest, TellsEveryStateToASocketWithAPath) {
  const auto path = tests::Temporary("notify");
  Receiver receiver(path.string());
  ASSERT_TRUE(receiver.bound());
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  SdNotify systemd;
  EXPECT_TRUE(systemd.active());
  systemd.Ready();
  EXPECT_EQ(receiver.Next(), "READY=1");
  systemd.Stopping();
  EXPECT_EQ(receiver.Next(), "STOPPING=1");
  systemd.Watchdog();
  EXPECT_EQ(receiver.Next(), "WATCHDOG=1");
  systemd.Status("12 models\nREADY=1");
  EXPECT_EQ(receiver.Next(), "STATUS=12 models READY=1");
  EXPECT_EQ(receiver.Next(), "");
  std::filesystem::remove(path);
}

TEST_F(SdNotifyTest, TellsAReloadWithItsMonotonicTime) {
  Receiver receiver("@" + UniqueName());
  ASSERT_TRUE(receiver.bound());
  setenv("NOTIFY_SOCKET", ("@" + UniqueName()).c_str(), 1);
  SdNotify systemd;
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  const auto before = now();
  systemd.Reloading();
  const auto after = now();
  const std::string message = receiver.Next();
  const std::string prefix = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(message.starts_with(prefix)) << message;
  const long long told = std::stoll(message.substr(prefix.size()));
  EXPECT_GE(told, before);
  EXPECT_LE(told, after);
}

TEST_F(SdNotifyTest, DoesNothingWithoutASocketOrWithAnImpossibleOne) {
  const std::string too_long = "/" + std::string(200, 'x');
  for (const char* address : {"", "relative", "/", "@", "/nobody/listens/here", too_long.c_str()}) {
    setenv("NOTIFY_SOCKET", address, 1);
    SdNotify systemd;
    systemd.Ready();
    systemd.Status("nobody hears this");
  }
  unsetenv("NOTIFY_SOCKET");
  SdNotify systemd;
  EXPECT_FALSE(systemd.active());
  systemd.Reloading();
}

TEST_F(SdNotifyTest, KnowsTheWatchdogOfThisProcessOnly) {
  const std::string own = std::to_string(getpid());
  const auto interval = [](const char* usec, const char* pid) {
    Clear();
    if (usec != nullptr) setenv("WATCHDOG_USEC", usec, 1);
    if (pid != nullptr) setenv("WATCHDOG_PID", pid, 1);
    return SdNotify().WatchdogInterval();
  };
  EXPECT_EQ(interval("30000000", own.c_str()), std::chrono::seconds(30));
  EXPECT_EQ(interval("30000000", nullptr), std::chrono::seconds(30));
  EXPECT_EQ(interval("30000000", "1"), std::nullopt);
  EXPECT_EQ(interval("30000000", "x"), std::nullopt);
  EXPECT_EQ(interval(nullptr, own.c_str()), std::nullopt);
  EXPECT_EQ(interval("0", nullptr), std::nullopt);
  EXPECT_EQ(interval("30s", nullptr), std::nullopt);
  EXPECT_EQ(interval("18446744073709551615", nullptr), std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace monitor
