// monitorctl status: is the daemon up, is it keeping pace, what is firing.
#include <ostream>

#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"

namespace monitor {

int StatusVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const VerbParts parts{
      "status",
      "usage: monitorctl status [--url U | --config C] [--json]\n"
      "Prints whether the daemon is ready, and of each model: state, records, newest window, firing alerts.\n"
      "\n"
      "example: monitorctl status --url http://monitor.example.com:9464\n",
      {}};
  return RunVerb(parts, arguments, out, err, [](const DaemonOptions& options, std::ostream& to) {
    const Daemon daemon = FindDaemon(options);
    const nlohmann::json models = daemon.client.Get("/api/v1/models");
    if (options.json) {
      to << PrettyJson(models);
      return;
    }
    to << StatusText(models, daemon.client.Get("/api/v1/alerts", {{"limit", "1000"}}),
                     daemon.client.GetText("/readyz"));
  });
}

}  // namespace monitor
