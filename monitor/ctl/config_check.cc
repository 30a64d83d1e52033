// monitorctl config check C: is the configuration in order, what will it cost, how long do verdicts take.
#include <exception>
#include <ostream>

#include "monitor/ctl/config_report.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/daemon/load_baselines.h"

namespace monitor {

namespace {
constexpr const char* kHelp =
    "usage: monitorctl config check C\n"
    "Reads the configuration and every baseline that it names, without touching the network, and prints what will be "
    "watched, a bound\n"
    "of memory, disk per day and the worst delay from an event to its verdict. Exit code 1 with file, line and key for "
    "what is wrong.\n"
    "\n"
    "example: monitorctl config check /etc/monitord/monitord.yaml\n"
    "\n"
    "  --json           print the figures as JSON\n";
}  // namespace

int ConfigCheckVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  std::string file;
  bool as_json = false;
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      out << kHelp;
      return 0;
    }
    if (argument == "--json") {
      as_json = true;
    } else if (argument.rfind("--", 0) == 0 || !file.empty()) {
      err << "monitorctl config check: takes one configuration file and --json, not " << argument << "\n";
      return 1;
    } else {
      file = argument;
    }
  }
  if (file.empty()) {
    err << "monitorctl config check: which configuration? see: monitorctl config check --help\n";
    return 1;
  }
  try {
    const Config config = ReadConfig(file);
    const auto baselines = LoadBaselines(config);
    out << (as_json ? PrettyJson(ConfigJson(config, baselines)) : ConfigReport(config, baselines));
    return 0;
  } catch (const std::exception& error) {
    err << error.what() << "\n";
    return 1;
  }
}

}  // namespace monitor
