// monitorctl rejects: samples of records that could not be counted.
#include <ostream>

#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"

namespace monitor {

int RejectsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const VerbParts parts{"rejects",
                        "usage: monitorctl rejects [--model M] [--from T] [--to T] [--limit N]\n"
                        "Prints the newest sampled rejects (20 of them unless --limit), oldest first; --json has the "
                        "whole payloads (up to 4 KiB).\n"
                        "\n"
                        "example: monitorctl rejects --model flights --limit 5 --json\n",
                        {"model", "from", "to", "limit"}};
  return RunVerb(parts, arguments, out, err, [](const DaemonOptions& options, std::ostream& to) {
    std::map<std::string, std::string> query = options.values;
    query.try_emplace("limit", "20");
    const nlohmann::json rejects = FindDaemon(options).client.Get("/api/v1/rejects", query);
    to << (options.json ? PrettyJson(rejects) : RejectsText(rejects));
  });
}

}  // namespace monitor
