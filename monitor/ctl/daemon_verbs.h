// The verbs that ask the daemon, and `config check`. Each takes what follows its name on the command line, writes its
// answer to `out` and returns the exit code: 0, also when alerts are open; 1 for a usage or run error, which is told on
// `err`.
#pragma once

#include <functional>
#include <iosfwd>
#include <set>
#include <string>
#include <vector>

#include "monitor/ctl/daemon_options.h"

namespace monitor {

using Arguments = std::vector<std::string>;

int StatusVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ModelsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int WindowsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int AlertsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ExplainVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int RejectsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ConfigCheckVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);

// What such a verb consists of; RunVerb does the rest: help, options, errors.
struct VerbParts {
  const char* name;               // for messages
  const char* help;               // usage, what it prints, an example
  std::set<std::string> options;  // with a value, beside the common ones
  std::size_t positional = 0;     // exactly as many
};
int RunVerb(const VerbParts& parts, const Arguments& arguments, std::ostream& out, std::ostream& err,
            const std::function<void(const DaemonOptions&, std::ostream&)>& body);

// JSON as people can read it, with a line end.
std::string PrettyJson(const nlohmann::json& answer);

}  // namespace monitor
