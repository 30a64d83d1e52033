// Suggestions for mistyped names: what a person most likely meant. Pure; cost: a few microseconds per known name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace monitor {

using Names = std::span<const std::string_view>;

// The known name that differs least from `name` (letters changed, added, left out, or two swapped; case counts little);
// empty when none is near.
std::string_view Nearest(std::string_view name, Names known);

// What to tell about an unknown name: "did you mean `step`?" or "known are a, b, c".
std::string Suggestion(std::string_view name, Names known);

std::string Join(Names names);  // "a, b, c"

}  // namespace monitor
