#include "monitor/daemon/log.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "alerts/messages/time_text.h"

namespace monitor {

void Log(LogLevel level, std::string_view text) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  constexpr std::string_view kPriority[] = {"<3>", "<4>", "<6>"};
  constexpr std::string_view kWord[] = {"error: ", "warning: ", ""};
  std::string line;
  if (journal) {
    line = kPriority[static_cast<int>(level)];
  } else {
    const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    line = alerts::FormatTime(std::chrono::nanoseconds(now.time_since_epoch()).count()) + " " +
           std::string(kWord[static_cast<int>(level)]);
  }
  line += text;
  line += '\n';
  // One write call: lines of several threads do not mix.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace monitor
