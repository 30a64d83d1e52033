// The verbs that look into topics: see verb.h for what a verb is.
#pragma once

#include "monitor/ctl/verb.h"

namespace monitor {

int InitVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int TryVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace monitor
