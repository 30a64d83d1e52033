// monitorctl alerts: what fires, what is pending, and what was resolved lately.
#include <ostream>

#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"

namespace monitor {

int AlertsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const VerbParts parts{
      "alerts",
      "usage: monitorctl alerts [--model M] [--feature F] [--version V] [--variant V] [--from T] [--to T] [--limit N]\n"
      "Prints the newest alerts (50 of them unless --limit), oldest first; their ids may be shortened wherever one is "
      "asked for.\n"
      "\n"
      "example: monitorctl alerts --model flights --from 2013-05-01T00:00:00Z\n",
      {"model", "feature", "version", "variant", "from", "to", "limit"}};
  return RunVerb(parts, arguments, out, err, [](const DaemonOptions& options, std::ostream& to) {
    std::map<std::string, std::string> query = options.values;
    query.try_emplace("limit", "50");
    const nlohmann::json alerts = FindDaemon(options).client.Get("/api/v1/alerts", query);
    to << (options.json ? PrettyJson(alerts) : AlertsText(alerts));
  });
}

}  // namespace monitor
