// monitorctl notify test TARGET: a sample to a target, and what became of it.
#include <chrono>
#include <thread>

#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operate/operator_verb.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr auto kPatience = std::chrono::seconds(45);  // a try may take 30 s
constexpr auto kLookAgain = std::chrono::milliseconds(200);

// Waits for the message's first result. Throws DaemonError when it failed.
void AwaitDelivery(const DaemonClient& client, const std::string& target, const std::string& message) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    const json found = client.Get("/api/v1/outbox", {{"id", message}}).at("outbox");
    if (!found.empty()) {
      const std::string state = TextOf(found.front(), "state"), error = TextOf(found.front(), "error");
      if (state == "delivered") return;
      if (error != "-") {
        throw DaemonError(
            target + " did not take it: " + error +
            (state == "pending" ? "; it is tried again at " + TimeOf(found.front(), "next_attempt_at") + " UTC" : ""));
      }
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  throw DaemonError(
      target + " has not taken it yet; other messages may wait before it: monitorctl outbox list --target " + target);
}

}  // namespace

int NotifyTestVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb = OperatorVerb({"notify test",
                                        "usage: monitorctl notify test TARGET\n"
                                        "Sends a sample incident to a target of `notify` and its end right after it, "
                                        "by the ordinary outbox, and waits for the result.\n"
                                        "Exit code 1 when the target did not take them.\n"
                                        "\n"
                                        "example: monitorctl notify test slack\n",
                                        "TARGET",
                                        {}});
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const json answer =
        daemon.client.Post("/api/v1/targets/" + EscapeUrl(options.positional[0]) + "/test", OperatorBody(options));
    for (const json& message : answer.at("messages"))
      AwaitDelivery(daemon.client, TextOf(answer, "target"), message.get<std::string>());
    return options.Has("json") ? PrettyJson(answer) : TextOf(answer, "target") + " took both messages of the sample\n";
  });
}

}  // namespace monitor
