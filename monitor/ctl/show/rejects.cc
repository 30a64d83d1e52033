// monitorctl rejects: samples of records that could not be counted.
#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"

namespace monitor {

int RejectsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{"rejects",
                        "usage: monitorctl rejects [--model M] [--from T] [--to T] [--limit N]\n"
                        "Prints the newest sampled rejects (20 of them unless --limit), oldest first; --json has the\n"
                        "whole payloads (up to 4 KiB).\n"
                        "\n"
                        "example: monitorctl rejects --model flights --limit 5 --json\n",
                        "",
                        {"model", "from", "to", "limit"}};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    const auto query = QueryOf(verb, options, "20");
    const nlohmann::json rejects = daemon.client.Get("/api/v1/rejects", query);
    return options.Has("json") ? PrettyJson(rejects) : RejectsText(rejects);
  });
}

}  // namespace monitor
