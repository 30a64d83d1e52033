// monitorctl models: every model with its counts, and its versions with their baselines.
#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"

namespace monitor {

int ModelsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{"models",
                        "usage: monitorctl models [--url U | --config C] [--json]\n"
                        "Prints every model with its state and counts, and every version with its baseline.\n"
                        "\n"
                        "example: monitorctl models --config /etc/monitord/monitord.yaml\n",
                        "",
                        {}};
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const nlohmann::json models = daemon.client.Get("/api/v1/models");
    return options.Has("json") ? PrettyJson(models) : ModelsText(models);
  });
}

}  // namespace monitor
