#include "monitor/ctl/show/headed_text.h"

#include "monitor/ctl/table.h"

namespace monitor {
namespace {

constexpr std::size_t kWidth = 110;

}  // namespace

void Line(std::string& out, const std::string& heading, const std::string& text) {
  if (text.empty()) return;
  const std::string one_line = CutTo(text, text.size());  // nothing is cut
  out += WrapTo(heading + std::string(kTextIndent - heading.size(), ' ') + one_line, kWidth, kTextIndent) + "\n";
}

}  // namespace monitor
