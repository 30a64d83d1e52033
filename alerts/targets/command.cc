#include "alerts/targets/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "alerts/messages/message.h"

extern char** environ;

namespace alerts {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kLookMs = 20;

struct Pipe {
  Pipe(int read, int write) : read_end(read), write_end(write) {}
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    if (read_end >= 0) close(read_end);
    if (write_end >= 0) close(write_end);
  }
  int read_end, write_end;
};

class Command : public Target {
 public:
  explicit Command(CommandOptions options) : options_(std::move(options)) {}

  const std::string& name() const override { return options_.name; }
  bool Wants(const IncidentEvent& event) const override {
    return (event.type == IncidentEvent::Type::kRetrainRequested) == options_.retrain &&
           Matches(event, options_.routing);
  }
  OutboxRow Render(const IncidentEvent& event) const override {
    OutboxRow row;
    row.content_type = "application/json";
    row.body = WebhookBody(event);
    return row;
  }

  Outcome Send(const OutboxRow& row) override {
    if (interrupted_) return Failed("interrupted");
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return Failed("no pipe: " + std::string(std::strerror(errno)));
    Pipe input{ends[0], ends[1]};
    pid_t child = 0;
    if (const int fault = Start(row, input.read_end, child); fault != 0)
      return Failed("cannot be started: " + std::string(std::strerror(fault)));
    close(std::exchange(input.read_end, -1));
    fcntl(input.write_end, F_SETFL, O_NONBLOCK);
    return Follow(child, row.body, input);
  }
  void Interrupt() override { interrupted_ = true; }

 private:
  static Outcome Failed(std::string why) { return {Outcome::Kind::kRetry, std::move(why), {}}; }

  // 0, or the error number.
  int Start(const OutboxRow& row, int input, pid_t& child) const {
    std::vector<std::string> variables{"MONITORD_MESSAGE_ID=" + row.id, "MONITORD_MESSAGE_TYPE=" + row.type};
    std::vector<char*> words, environment;
    for (const std::string& word : options_.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
    for (std::string& variable : variables) environment.push_back(variable.data());
    environment.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    // The daemon blocks and ignores signals that a program expects in their default state.
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int fault = posix_spawnp(&child, words.front(), &files, &attributes, words.data(), environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return fault;
  }

  // Feeds the child and waits for its end.
  Outcome Follow(pid_t child, const std::string& body, Pipe& input) const {
    const Steady::time_point end = Steady::now() + options_.time_out;
    std::size_t written = 0;
    while (true) {
      int status = 0;
      if (waitpid(child, &status, WNOHANG) == child) return OutcomeOfStatus(status);
      if (interrupted_ || Steady::now() >= end) {
        kill(-child, SIGKILL);
        waitpid(child, &status, 0);
        return Failed(interrupted_
                          ? "interrupted"
                          : "timed out after " + std::to_string(options_.time_out.count()) + " ms and was killed");
      }
      if (input.write_end < 0) {
        poll(nullptr, 0, kLookMs);
        continue;
      }
      pollfd ready{input.write_end, POLLOUT, 0};
      if (poll(&ready, 1, kLookMs) <= 0) continue;
      const ssize_t count = write(input.write_end, body.data() + written, body.size() - written);
      if (count > 0) written += static_cast<std::size_t>(count);
      // A program need not read its input: its exit code decides.
      const bool refused = count < 0 && errno != EAGAIN && errno != EINTR;
      if (refused || written == body.size()) close(std::exchange(input.write_end, -1));
    }
  }

  static Outcome OutcomeOfStatus(int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    if (WIFEXITED(status)) return Failed("exit code " + std::to_string(WEXITSTATUS(status)));
    return Failed("ended by signal " + std::to_string(WTERMSIG(status)));
  }

  const CommandOptions options_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace

std::shared_ptr<Target> MakeCommand(CommandOptions options) { return std::make_shared<Command>(std::move(options)); }

}  // namespace alerts
