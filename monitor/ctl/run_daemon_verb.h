// RunDaemonVerb: what the verbs that ask the daemon have in common — where it is, who asks, and how the answer is
// wanted.
//
// Adds to every such verb: --url U, or --config C to take address and token from the daemon's own configuration;
// --token-file F or MONITORD_TOKEN; --json. Faults of the daemon and of the configuration are told on `err`, with exit
// code 1.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "monitor/ctl/daemon_client.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/daemon/config/config.h"

namespace monitor {

struct DaemonVerb {
  std::string name;
  std::string help;                  // usage, what it prints, an example; the common options are added
  std::string argument;              // what its one positional argument is called; empty: it takes none
  std::set<std::string> values;      // its own options, without dashes
  std::size_t optional = 0;          // positional arguments that may follow
  std::set<std::string> flags = {};  // its own options without a value
};

// Where the daemon is, and its configuration where --config names it.
struct Daemon {
  DaemonClient client;
  std::optional<Config> config;
};

// Writes to `out` what the body returns.
int RunDaemonVerb(const DaemonVerb& verb, const Arguments& arguments, std::ostream& out, std::ostream& err,
                  const std::function<std::string(const Daemon&, const VerbOptions&)>& body);

// The verb's own options as parameters of the API; `limit` where it is not given.
std::map<std::string, std::string> QueryOf(const DaemonVerb& verb, const VerbOptions& options, const char* limit);

// JSON as people can read it, with a line end; bytes that are no UTF-8 become U+FFFD.
std::string PrettyJson(const nlohmann::json& answer);

}  // namespace monitor
