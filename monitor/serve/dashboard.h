// The dashboard: one self-contained page that shows what the API answers. It loads nothing from anywhere but this
// server.
#pragma once

#include <string_view>

namespace monitor {

std::string_view DashboardPage();  // HTML, UTF-8

}  // namespace monitor
