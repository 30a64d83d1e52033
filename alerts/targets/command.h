// Command: a program of the operator's that takes each message as JSON on its standard input.
//
// Started directly, without a shell, in a process group of its own, with the daemon's environment and
// MONITORD_MESSAGE_ID (the idempotency key) and MONITORD_MESSAGE_TYPE; its output goes to the daemon's log. Exit code 0
// is delivered; anything else, a signal, and more than 30 s (then the group is killed) are tried again by the schedule.
// The input is the webhook's body (message.h). A program may leave its input unread: the process must ignore SIGPIPE,
// as main does.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace alerts {

struct CommandOptions {
  std::string name;                // "command" or the configured name
  std::vector<std::string> words;  // the program, then its arguments
  Routing routing;
  bool retrain = false;  // takes requests for retraining instead of incidents
  std::chrono::milliseconds time_out{30'000};
};
std::shared_ptr<Target> MakeCommand(CommandOptions options);

}  // namespace alerts
