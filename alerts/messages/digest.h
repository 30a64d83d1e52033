// Digest: the ids of alerts, incidents and messages. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace alerts {

// The first `digits` (at most 64) hex digits of the SHA-256 over the parts, each preceded by its length in 8 bytes (big
// endian), so that no two lists of parts give the same input.
std::string HexDigest(std::initializer_list<std::string_view> parts, std::size_t digits);

}  // namespace alerts
