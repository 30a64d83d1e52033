// Base64 (RFC 4648, with padding). Pure functions. Decoding answers nullopt for anything that Base64Encode cannot have
// written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baselines {

std::string Base64Encode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace baselines
