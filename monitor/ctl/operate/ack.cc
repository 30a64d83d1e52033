// monitorctl ack ALERT: somebody looks after an alert; its incident is not told again.
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operate/operator_verb.h"

namespace monitor {

int AckVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb = OperatorVerb(
      {"ack",
       "usage: monitorctl ack ALERT\n"
       "Acknowledges an alert, or with the id of an incident all of its alerts: people are not reminded of it again.\n"
       "They still hear when it gets worse, changes or ends. The first digits of an id are enough.\n"
       "\n"
       "example: monitorctl ack 3f2a9c01 --comment \"weather feed, called the provider\"\n",
       "ALERT",
       {}});
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const auto answer =
        daemon.client.Post("/api/v1/alerts/" + EscapeUrl(options.positional[0]) + "/ack", OperatorBody(options));
    if (options.Has("json")) return PrettyJson(answer);
    return MarkedText(answer, "acknowledged");
  });
}

}  // namespace monitor
