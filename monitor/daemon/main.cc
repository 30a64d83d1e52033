// monitord: `monitord --config F [--check]`. Runs in the foreground, logs on standard error, exit code 1 for anything
// that keeps it from running.
#include <signal.h>
#include <time.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "monitor/daemon/baselines/load_baselines.h"
#include "monitor/daemon/config/config.h"
#include "monitor/daemon/daemon.h"
#include "monitor/daemon/log.h"
#include "monitor/daemon/sd_notify.h"
#include "monitor/daemon/startup_memory.h"
#include "monitor/ingest/kafka/kafka_client.h"

namespace {

constexpr const char* kUsage =
    "usage: monitord --config FILE [--check]\n"
    "\n"
    "Watches the models of FILE: reads their requests from Kafka, compares them with their training baselines, and "
    "alerts.\n"
    "  --config FILE   configuration (YAML); every key is documented in config/monitord.yaml\n"
    "  --check         read and check the configuration and its baselines without touching the network, then exit\n"
    "\n"
    "example: monitord --config /etc/monitord/monitord.yaml\n"
    "Make a baseline first: monitorctl baseline build train.csv. Signals: HUP reloads, TERM commits and stops.\n";

struct Arguments {
  std::string config;
  bool check = false;
};

std::optional<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      std::fputs(kUsage, stdout);
      std::exit(0);
    }
    if (argument == "--check") {
      arguments.check = true;
    } else if (argument == "--config" && i + 1 < argc) {
      arguments.config = argv[++i];
    } else if (argument.starts_with("--config=")) {
      arguments.config = argument.substr(9);
    } else {
      std::fprintf(stderr, "monitord: do not know what to do with `%s`\n%s", argument.c_str(), kUsage);
      return std::nullopt;
    }
  }
  if (arguments.config.empty()) {
    std::fprintf(stderr, "monitord: --config is missing\n%s", kUsage);
    return std::nullopt;
  }
  return arguments;
}

// Waits for signals and feeds the watchdog until it is time to stop. Returns the exit code.
int Serve(monitor::Daemon& daemon, const sigset_t& signals) {
  monitor::SdNotify systemd;
  const auto watchdog = systemd.WatchdogInterval();
  const auto beat =
      watchdog ? std::min<std::chrono::nanoseconds>(*watchdog / 2, std::chrono::seconds(1)) : std::chrono::seconds(1);
  auto fed = std::chrono::steady_clock::now();
  systemd.Ready();
  while (true) {
    const timespec wait{static_cast<time_t>(beat.count() / 1'000'000'000),
                        static_cast<long>(beat.count() % 1'000'000'000)};
    const int signal = sigtimedwait(&signals, nullptr, &wait);
    if (signal == SIGTERM || signal == SIGINT) {
      systemd.Stopping();
      daemon.Stop();
      return daemon.fatal().empty() ? 0 : 1;
    }
    if (signal == SIGHUP) {
      systemd.Reloading();
      monitor::OperatorAction hang_up;
      hang_up.comment = "SIGHUP";
      daemon.Reload(daemon.ReloadBy(hang_up));
      systemd.Ready();
    }
    if (!daemon.fatal().empty()) return 1;
    const auto now = std::chrono::steady_clock::now();
    if (watchdog && now - fed < *watchdog / 2) continue;
    if (!watchdog && now - fed < std::chrono::seconds(10)) continue;
    fed = now;
    std::string stuck;
    if (daemon.AllLoopsMove(stuck)) {
      systemd.Watchdog();
      systemd.Status(daemon.StatusLine());
    } else {
      monitor::Log(monitor::LogLevel::kWarning, "no progress: " + stuck);
      systemd.Status("no progress: " + stuck);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = Parse(argc, argv);
  if (!arguments) return 1;
  // Blocked before any thread starts, so that only Serve takes them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  try {
    monitor::Config config = monitor::ReadConfig(arguments->config);
    if (arguments->check) {
      const auto baselines = monitor::LoadBaselines(config);
      monitor::CheckKafkaProperties(config);
      std::printf("%s: %zu models, their baselines can be read%s\n", arguments->config.c_str(), config.models.size(),
                  baselines.size() < config.models.size() ? " or are still to be learnt" : "");
      return 0;
    }
    monitor::LimitHeapArenas();
    monitor::Daemon daemon(std::move(config));
    monitor::ReleaseStartupMemory();
    monitor::Log(monitor::LogLevel::kInfo, "monitord runs; " + daemon.StatusLine());
    return Serve(daemon, signals);
  } catch (const std::exception& fault) {
    monitor::Log(monitor::LogLevel::kError, fault.what());
    return 1;
  }
}
