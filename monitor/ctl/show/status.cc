// monitorctl status: is the daemon up, is it keeping pace, what is firing.
#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"

namespace monitor {

int StatusVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "status",
      "usage: monitorctl status [--url U | --config C] [--json]\n"
      "Prints whether the daemon is ready, and of each model: state, records, newest window, firing alerts.\n"
      "\n"
      "example: monitorctl status --url http://monitor.example.com:9464\n",
      "",
      {}};
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const nlohmann::json models = daemon.client.Get("/api/v1/models");
    if (options.Has("json")) return PrettyJson(models);
    return StatusText(models, daemon.client.Get("/api/v1/alerts", {{"limit", "1000"}}),
                      daemon.client.GetText("/readyz"));
  });
}

}  // namespace monitor
