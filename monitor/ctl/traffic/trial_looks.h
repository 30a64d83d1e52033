// LookAtRecords: what a trial sees only record by record — names, times, ids, and a few records as they are read.
#pragma once

#include <string>
#include <vector>

#include "monitor/ctl/traffic/trial.h"

namespace monitor {

// Looks at the newest kProbed messages of requests and adds what it sees to `trial`, whose baseline and features are
// there already. Cost: about 100 µs a message.
void LookAtRecords(const CountingPlan& plan, const std::string& model, const std::vector<SampledMessage>& messages,
                   Trial& trial);

}  // namespace monitor
