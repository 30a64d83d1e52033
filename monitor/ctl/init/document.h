// A message as a document to search in.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace monitor {

// The JSON of a text, as the daemon's own reader takes it: a byte order mark or a schema registry's prefix in front of
// JSON is cut off, NaN and Infinity are null. Discarded (is_discarded) where it is none.
nlohmann::json DocumentOf(std::string_view text);

}  // namespace monitor
