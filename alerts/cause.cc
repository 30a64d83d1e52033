#include "alerts/cause.h"

#include <array>
#include <stdexcept>
#include <string>

namespace alerts {
namespace {

constexpr std::array<std::string_view, 5> kCauses{"broken_pipeline", "data_drift", "prediction_drift", "quality_loss",
                                                  "no_data"};
constexpr std::array<std::string_view, 3> kSeverities{"info", "warning", "critical"};
constexpr std::array<std::string_view, 3> kStates{"pending", "firing", "resolved"};

template <typename Enum, std::size_t kSize>
Enum Parse(const std::array<std::string_view, kSize>& texts, std::string_view text, const char* what) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (texts[i] == text) return static_cast<Enum>(i);
  }
  std::string message = std::string(what) + " `" + std::string(text) + "` is unknown; known are";
  for (const std::string_view known : texts) message.append(" ").append(known);
  throw std::invalid_argument(message);
}

}  // namespace

std::string_view Text(Cause cause) { return kCauses.at(static_cast<std::size_t>(cause)); }
std::string_view Text(Severity severity) { return kSeverities.at(static_cast<std::size_t>(severity)); }
std::string_view Text(State state) { return kStates.at(static_cast<std::size_t>(state)); }

Cause ParseCause(std::string_view text) { return Parse<Cause>(kCauses, text, "cause"); }
Severity ParseSeverity(std::string_view text) { return Parse<Severity>(kSeverities, text, "severity"); }
State ParseState(std::string_view text) { return Parse<State>(kStates, text, "state"); }

}  // namespace alerts
