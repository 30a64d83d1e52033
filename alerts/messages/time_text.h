// Times as people and programs read them. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace alerts {

// RFC 3339 UTC of nanoseconds since 1970: "2013-04-22T00:00:00Z"; a fraction (milli-, micro- or nanoseconds) only where
// there is one.
std::string FormatTime(std::int64_t ns);
// "2013-04-22 00:00 UTC", for sentences.
std::string FormatTimeForPeople(std::int64_t ns);
// "5 min", "7 d", "90 s", "1 d 6 h": at most two units.
std::string FormatDuration(std::int64_t ns);

}  // namespace alerts
