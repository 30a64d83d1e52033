// What the verbs that change something have in common: who does it and why (--by, --comment), sent with the request.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "monitor/ctl/run_daemon_verb.h"

namespace monitor {

inline constexpr const char* kOperatorHelp =
    "\n"
    "  --by NAME        who does this (default: the name of your login)\n"
    "  --comment TEXT   why; kept with it\n";

// A verb with --by and --comment beside its own options.
DaemonVerb OperatorVerb(DaemonVerb verb);

// One line per alert of the answer: "alert 3f2a9c01 acknowledged: temp went missing".
std::string MarkedText(const nlohmann::json& answer, const std::string& word);

// {"by","comment"} of the command line.
nlohmann::json OperatorBody(const VerbOptions& options);

}  // namespace monitor
