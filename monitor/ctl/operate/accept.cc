// monitorctl accept ALERT: what an alert found is meant to be.
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operate/operator_verb.h"

namespace monitor {

int AcceptVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  DaemonVerb verb = OperatorVerb(
      {"accept",
       "usage: monitorctl accept ALERT [--undo]\n"
       "Accepts what an alert found, or with the id of an incident all of its alerts: the change is meant to be.\n"
       "Recent traffic becomes what its monitor is compared with: of drift the traffic from the newest change on,\n"
       "instead of training and for as long as the baseline is the same; of quality and label coverage the window\n"
       "judged last; of the volume the newest steps. The alert resolves, and a return to the old values or a further\n"
       "change fires again. Alerts of hard rules, correlations and faults have no such reference: they are marked as\n"
       "accepted and stay. Who said so, when and why is kept and shown by explain. The first digits of an id are\n"
       "enough.\n"
       "\n"
       "  --undo           take it back: training is the reference again\n"
       "\n"
       "example: monitorctl accept 3f2a9c01 --comment \"prices are in cents since the 3rd\"\n",
       "ALERT",
       {}});
  verb.flags.insert("undo");
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const std::string path = "/api/v1/alerts/" + EscapeUrl(options.positional[0]) + "/accept";
    const bool undo = options.Has("undo");
    const auto answer = daemon.client.Post(undo ? path + "/undo" : path, OperatorBody(options));
    if (options.Has("json")) return PrettyJson(answer);
    return MarkedText(answer, undo ? "is no longer accepted" : "accepted");
  });
}

}  // namespace monitor
