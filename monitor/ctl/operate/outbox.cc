// monitorctl outbox list | retry | drop: messages that are not delivered, and what to do about them.
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operate/operator_verb.h"
#include "monitor/ctl/table.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 24, kErrorWidth = 46;

std::string OutboxText(const json& messages) {
  if (messages.empty()) return "no such messages: everything was delivered\n";
  TextTable table({{"message", TextTable::Align::kLeft, kWidth},
                   {"target", TextTable::Align::kLeft, kWidth},
                   {"type", TextTable::Align::kLeft, kWidth},
                   {"state", TextTable::Align::kLeft, kWidth},
                   {"since (UTC)", TextTable::Align::kLeft, kWidth},
                   {"tries", TextTable::Align::kRight, kWidth},
                   {"next try (UTC)", TextTable::Align::kLeft, kWidth},
                   {"error", TextTable::Align::kLeft, kErrorWidth}});
  for (const json& message : messages) {
    table.Add({TextOf(message, "id").substr(0, 8), TextOf(message, "target"), TextOf(message, "type"),
               TextOf(message, "state"), TimeOf(message, "created_at"), CountOf(message, "attempts"),
               TimeOf(message, "next_attempt_at"), CutTo(TextOf(message, "error"), kErrorWidth)});
  }
  return table.Text();
}

int ChangeVerb(const char* name, const char* help, const char* path, const Arguments& arguments, std::ostream& out,
               std::ostream& err) {
  const DaemonVerb verb = OperatorVerb({name, help, "MESSAGE", {}});
  return RunDaemonVerb(verb, arguments, out, err, [path](const Daemon& daemon, const VerbOptions& options) {
    const json answer =
        daemon.client.Post("/api/v1/outbox/" + EscapeUrl(options.positional[0]) + path, OperatorBody(options));
    if (options.Has("json")) return PrettyJson(answer);
    return "message " + TextOf(answer, "id").substr(0, 8) + " to " + TextOf(answer, "target") + ": " +
           TextOf(answer, "state") + "\n";
  });
}

}  // namespace

int OutboxListVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "outbox list",
      "usage: monitorctl outbox list [--state S] [--target T] [--limit N]\n"
      "Prints the messages that wait for their next try, are given up (dead) or await approval (held), oldest first.\n"
      "--state: pending, dead, held or delivered (of the last 30 days).\n"
      "\n"
      "example: monitorctl outbox list --state dead\n",
      "",
      {"state", "target", "limit"}};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    const json answer = daemon.client.Get("/api/v1/outbox", QueryOf(verb, options, "50"));
    return options.Has("json") ? PrettyJson(answer) : OutboxText(answer.at("outbox"));
  });
}

int OutboxRetryVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return ChangeVerb("outbox retry",
                    "usage: monitorctl outbox retry MESSAGE\n"
                    "Sends a message that is dead or waits again now, under its old id, with all of its tries before "
                    "it. The first digits are enough.\n"
                    "\n"
                    "example: monitorctl outbox retry 71c0be02\n",
                    "/retry", arguments, out, err);
}

int OutboxDropVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return ChangeVerb(
      "outbox drop",
      "usage: monitorctl outbox drop MESSAGE\n"
      "Gives up a message, so that those behind it go on. It is kept as dead and can be sent again later.\n"
      "\n"
      "example: monitorctl outbox drop 71c0be02 --comment \"that channel is gone\"\n",
      "/drop", arguments, out, err);
}

}  // namespace monitor
