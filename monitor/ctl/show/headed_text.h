// Line: a heading and what stands beside it, in as many lines as it takes. Pure function.
#pragma once

#include <cstddef>
#include <string>

namespace monitor {

constexpr std::size_t kTextIndent = 13;  // columns before the text

// Appends to `out`; nothing where there is no text. Control characters of the text become blanks. The heading is
// shorter than the indent.
void Line(std::string& out, const std::string& heading, const std::string& text);

}  // namespace monitor
