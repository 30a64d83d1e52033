#include "alerts/circumstances.h"

#include "alerts/alert_book.h"

namespace alerts {
namespace {

// As a shell takes it for one word; a backtick would end the code that it stands in.
std::string ShellWord(const std::string& text) {
  if (!text.empty() &&
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:,") == text.npos)
    return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : c == '`' ? "?" : std::string(1, c);
  return word + "'";
}

}  // namespace

std::vector<std::string> KcatLines(const Circumstances& circumstances) {
  std::vector<std::string> lines;
  for (const LogRange& range : circumstances.records) {
    lines.push_back("kcat -C -b " + ShellWord(circumstances.brokers) + " -t " + ShellWord(range.topic) + " -p " +
                    std::to_string(range.partition) + " -o " + std::to_string(range.from) + " -c " +
                    std::to_string(range.to - range.from) + " -e");
  }
  return lines;
}

std::vector<std::pair<std::string, std::string>> Commands(const IncidentEvent& event) {
  using Type = IncidentEvent::Type;
  if (event.alerts.empty() || event.type == Type::kResolved || event.type == Type::kDigest) return {};
  return {{"explain", "monitorctl explain " + event.alerts.front().id},
          {"acknowledge", "monitorctl ack " + event.incident},
          {"accept", "monitorctl accept " + event.incident},
          {"silence", "monitorctl silence " + ShellWord(event.model) + " --for 2h"}};
}

}  // namespace alerts
