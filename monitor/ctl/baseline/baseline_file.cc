#include "monitor/ctl/baseline/baseline_file.h"

#include <algorithm>
#include <chrono>

#include "alerts/messages/time_text.h"

namespace monitor {
namespace {

// Model and version as part of a file's name.
std::string FileWord(std::string name) {
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || static_cast<unsigned char>(c) < ' '; }, '_');
  return name;
}

}  // namespace

std::string NowText() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return alerts::FormatTime(std::chrono::nanoseconds(now.time_since_epoch()).count());
}

std::string BaselineFileName(const baselines::Profile& made) {
  return FileWord(made.model) + "-" + FileWord(made.version) + ".baseline.json";
}

}  // namespace monitor
