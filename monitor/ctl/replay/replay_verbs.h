// The verbs that run the daemon's pipeline: over files (replay), and as a demonstration (demo).
#pragma once

#include "monitor/ctl/verb.h"

namespace monitor {

int ReplayVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int DemoVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace monitor
