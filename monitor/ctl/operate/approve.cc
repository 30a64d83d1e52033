// monitorctl approve RETRAIN: a retraining that awaits approval may start.
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operate/operator_verb.h"

namespace monitor {

int ApproveVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb = OperatorVerb({"approve",
                                        "usage: monitorctl approve RETRAIN\n"
                                        "Lets a retraining that awaits approval start: its request is sent to the "
                                        "target. The first digits of its id are enough;\n"
                                        "`monitorctl retrains` lists them.\n"
                                        "\n"
                                        "example: monitorctl approve 9b1d44e0 --comment \"the drift is real\"\n",
                                        "RETRAIN",
                                        {}});
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const auto answer =
        daemon.client.Post("/api/v1/retrains/" + EscapeUrl(options.positional[0]) + "/approve", OperatorBody(options));
    if (options.Has("json")) return PrettyJson(answer);
    return "retraining " + TextOf(answer, "id").substr(0, 8) + " of " + TextOf(answer, "model") + " by " +
           TextOf(answer, "target") + ": " + TextOf(answer, "state") + "\n";
  });
}

}  // namespace monitor
