// MakeTargets: the configured notification and retrain targets as objects that take messages.
#pragma once

#include <memory>
#include <vector>

#include "alerts/http_client.h"
#include "alerts/outbox.h"
#include "monitor/daemon/config/config.h"

namespace monitor {

std::vector<std::shared_ptr<alerts::Target>> MakeTargets(const Config& config,
                                                         const std::shared_ptr<alerts::HttpClient>& http);

}  // namespace monitor
