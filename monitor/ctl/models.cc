// monitorctl models: every model with its counts, and its versions with their baselines.
#include <ostream>

#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"

namespace monitor {

int ModelsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const VerbParts parts{"models",
                        "usage: monitorctl models [--url U | --config C] [--json]\n"
                        "Prints every model with its state and counts, and every version with its baseline.\n"
                        "\n"
                        "example: monitorctl models --config /etc/monitord/monitord.yaml\n",
                        {}};
  return RunVerb(parts, arguments, out, err, [](const DaemonOptions& options, std::ostream& to) {
    const nlohmann::json models = FindDaemon(options).client.Get("/api/v1/models");
    to << (options.json ? PrettyJson(models) : ModelsText(models));
  });
}

}  // namespace monitor
