#include <exception>
#include <ostream>

#include "monitor/ctl/daemon_verbs.h"

namespace monitor {

namespace {
constexpr const char* kCommon =
    "\nwhere the daemon is:\n"
    "  --url U          its address (default http://127.0.0.1:9464)\n"
    "  --config C       take address and token from its configuration\n"
    "  --token-file F   file with the API token (or MONITORD_TOKEN), for a daemon that wants one\n"
    "\n"
    "  --json           print the API's answer instead\n";
}  // namespace

std::string PrettyJson(const nlohmann::json& answer) {
  return answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int RunVerb(const VerbParts& parts, const Arguments& arguments, std::ostream& out, std::ostream& err,
            const std::function<void(const DaemonOptions&, std::ostream&)>& body) {
  try {
    const DaemonOptions options = ParseDaemonOptions(arguments, parts.options);
    if (options.help) {
      out << parts.help << kCommon;
      return 0;
    }
    if (options.positional.size() != parts.positional) {
      throw UsageError("takes " + std::to_string(parts.positional) + " argument" + (parts.positional == 1 ? "" : "s") +
                       ", not " + std::to_string(options.positional.size()));
    }
    body(options, out);
    return 0;
  } catch (const UsageError& error) {
    err << "monitorctl " << parts.name << ": " << error.what() << "\n"
        << "see: monitorctl " << parts.name << " --help\n";
  } catch (const std::exception& error) {
    err << "monitorctl " << parts.name << ": " << error.what() << "\n";
  }
  return 1;
}

}  // namespace monitor
