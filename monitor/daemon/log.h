// Log: lines on standard error for people and journald: a syslog priority prefix under systemd, a time otherwise.
//
// Thread-safe. Repeated faults are the caller's to thin out; secrets never come here.
#pragma once

#include <string_view>

namespace monitor {

enum class LogLevel { kError, kWarning, kInfo };
void Log(LogLevel level, std::string_view text);

}  // namespace monitor
