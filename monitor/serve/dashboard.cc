#include "monitor/serve/dashboard.h"

namespace monitor {

std::string_view DashboardPage() { return "<!doctype html><title>monitord</title>"; }

}  // namespace monitor
