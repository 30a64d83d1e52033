// monitorctl config check C: is the configuration in order, what will it cost, how long do verdicts take.
#include <ostream>

#include "monitor/ctl/config_report.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/daemon/baselines/load_baselines.h"
#include "monitor/daemon/config/units.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {

namespace {
constexpr const char* kHelp =
    "usage: monitorctl config check C\n"
    "Reads the configuration and every baseline that it names, without touching the network, and prints what will be\n"
    "watched, a bound of memory, disk per day and the worst delay from an event to its verdict. Exit code 1 with file, "
    "line\n"
    "and key for what is wrong.\n"
    "\n"
    "example: monitorctl config check /etc/monitord/monitord.yaml\n"
    "\n"
    "  --json           print the figures as JSON\n";
}  // namespace

int ConfigCheckVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"config check", kHelp, {"json"}, {}, 0, 1};
  return RunLocalVerb(verb, arguments, out, err, [&out](const VerbOptions& options) {
    if (options.positional.empty()) throw OptionError("the configuration file is missing");
    const Config whole = ReadConfig(options.positional[0]);
    const auto baselines = LoadBaselines(whole);
    const Config config = WatchedOf(whole, baselines);
    if (options.Has("json")) {
      out << PrettyJson(ConfigJson(config, baselines));
      return 0;
    }
    out << ConfigReport(config, baselines);
    for (const ModelConfig& model : whole.models) {
      if (baselines.contains(model.name)) continue;
      out << "\nmodel " << model.name << " learns its baseline from live traffic first: until "
          << Thousands(static_cast<std::uint64_t>(model.learn->rows)) << " rows and "
          << DurationText(model.learn->length) << "\n";
    }
    return 0;
  });
}

}  // namespace monitor
