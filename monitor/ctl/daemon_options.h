// The command line of the verbs that ask the daemon: where it is, who asks, and what each verb adds.
//
// Common to all: --url U, or --config C to take address and token from the daemon's own configuration; --token-file F
// or MONITORD_TOKEN; --json;
// --help. Throws UsageError for what a verb does not know.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "monitor/ctl/daemon_client.h"
#include "monitor/daemon/config.h"

namespace monitor {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct DaemonOptions {
  bool help = false;
  bool json = false;
  std::string url;                      // empty: of the configuration, or the default
  std::string config_file, token_file;  // empty: not given
  std::vector<std::string> positional;
  std::map<std::string, std::string> values;  // of the verb's own options, without the dashes
};

// `own`: names of the verb's options that take a value, without dashes; --name value and --name=value are the same.
DaemonOptions ParseDaemonOptions(const std::vector<std::string>& arguments, const std::set<std::string>& own);

// Where the daemon is and what is known of its configuration.
struct Daemon {
  DaemonClient client;
  std::optional<Config> config;
};
// Reads the configuration and the token. Throws ConfigError, DaemonError.
Daemon FindDaemon(const DaemonOptions& options);

}  // namespace monitor
