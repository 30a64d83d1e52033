// monitorctl windows MODEL: the closed windows and how far each feature is from its baseline.
#include <ostream>

#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"

namespace monitor {

int WindowsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const VerbParts parts{
      "windows",
      "usage: monitorctl windows MODEL [--feature F] [--version V] [--variant V] [--from T] [--to T] [--limit N]\n"
      "Prints the newest closed windows (10 of them unless --limit) and the features of the newest one, largest "
      "effect\n"
      "first; with --feature the course of one feature. Times: 2013-05-11T17:00:00Z, or seconds since 1970.\n"
      "\n"
      "example: monitorctl windows flights --feature distance --limit 30\n",
      {"feature", "version", "variant", "from", "to", "limit"},
      1};
  return RunVerb(parts, arguments, out, err, [](const DaemonOptions& options, std::ostream& to) {
    std::map<std::string, std::string> query = options.values;
    query.try_emplace("limit", "10");
    const std::string path = "/api/v1/models/" + EscapeUrl(options.positional[0]) + "/windows";
    const nlohmann::json windows = FindDaemon(options).client.Get(path, query);
    to << (options.json ? PrettyJson(windows) : WindowsText(windows, query["feature"]));
  });
}

}  // namespace monitor
