// monitorctl accept ALERT: what an alert found is meant to be.
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operator_verb.h"

namespace monitor {

int AcceptVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb =
      OperatorVerb({"accept",
                    "usage: monitorctl accept ALERT\n"
                    "Accepts what an alert found, or with the id of an incident all of its alerts: the change is meant "
                    "to be. Who said so, when\n"
                    "and why is kept. An accepted alert counts as acknowledged. The first digits of an id are enough.\n"
                    "\n"
                    "example: monitorctl accept 3f2a9c01 --comment \"prices are in cents since the 3rd\"\n",
                    "ALERT",
                    {}});
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const auto answer =
        daemon.client.Post("/api/v1/alerts/" + EscapeUrl(options.positional[0]) + "/accept", OperatorBody(options));
    if (options.Has("json")) return PrettyJson(answer);
    return MarkedText(answer, "accepted");
  });
}

}  // namespace monitor
