// monitorctl alerts: what fires, what is pending, and what was resolved lately.
#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"

namespace monitor {

int AlertsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "alerts",
      "usage: monitorctl alerts [--model M] [--feature F] [--version V] [--variant V] [--from T] [--to T] [--limit N]\n"
      "Prints the newest alerts (50 of them unless --limit), oldest first; wherever one is asked for,\n"
      "the first digits of its id are enough.\n"
      "\n"
      "example: monitorctl alerts --model flights --from 2013-05-01T00:00:00Z\n",
      "",
      {"model", "feature", "version", "variant", "from", "to", "limit"}};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    const auto query = QueryOf(verb, options, "50");
    const nlohmann::json alerts = daemon.client.Get("/api/v1/alerts", query);
    return options.Has("json") ? PrettyJson(alerts) : AlertsText(alerts);
  });
}

}  // namespace monitor
