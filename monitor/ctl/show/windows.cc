// monitorctl windows MODEL: the closed windows and how far each feature is from its baseline.
#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"

namespace monitor {

int WindowsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "windows",
      "usage: monitorctl windows MODEL [--feature F] [--version V] [--variant V] [--from T] [--to T] [--limit N]\n"
      "Prints the newest closed windows (10 of them unless --limit) and the features of the newest one, largest\n"
      "effect first; with --feature the course of one feature. Times: 2013-05-11T17:00:00Z, or seconds since 1970.\n"
      "\n"
      "example: monitorctl windows flights --feature distance --limit 30\n",
      "MODEL",
      {"feature", "version", "variant", "from", "to", "limit"}};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    const auto query = QueryOf(verb, options, "10");
    const std::string path = "/api/v1/models/" + EscapeUrl(options.positional[0]) + "/windows";
    const nlohmann::json windows = daemon.client.Get(path, query);
    return options.Has("json") ? PrettyJson(windows) : WindowsText(windows, options.Value("feature").value_or(""));
  });
}

}  // namespace monitor
