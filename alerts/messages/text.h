// Text that fits: cut at character borders, always valid UTF-8, without control characters. Pure functions,
// thread-safe.
//
// Lengths are UTF-16 code units, as receivers that are written in JavaScript count; never more than the bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace alerts {

std::size_t Length(std::string_view utf8);
// At most `limit` units; what was cut ends with "…". Control characters become blanks, invalid bytes U+FFFD.
std::string Clip(std::string_view text, std::size_t limit);
// The same with &, < and > as entities, which count in full and are never cut.
std::string ClipEscaped(std::string_view text, std::size_t limit);

// Everything but unreserved characters (RFC 3986) as %XX.
std::string PercentEncode(std::string_view text);

}  // namespace alerts
