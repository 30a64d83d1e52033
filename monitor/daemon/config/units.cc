#include "monitor/daemon/config/units.h"

#include <array>
#include <charconv>
#include <limits>

#include "monitor/daemon/config/config.h"

namespace monitor {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array<Unit, 5> kUnits{
    {{"d", 86'400 * kSecond}, {"h", 3'600 * kSecond}, {"m", 60 * kSecond}, {"s", kSecond}, {"ms", 1'000'000}}};
constexpr std::int64_t kLongest = 36'525 * 86'400ll * kSecond;  // 100 years

// Takes the digits at the front of `text`; nullopt when there are none or they do not fit.
std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string_view TakeLetters(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] >= 'a' && text[size] <= 'z') ++size;
  const std::string_view letters = text.substr(0, size);
  text.remove_prefix(size);
  return letters;
}

}  // namespace

std::optional<std::chrono::nanoseconds> DurationFrom(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t sum = 0;
  std::size_t next_unit = 0;  // units must become smaller
  while (!text.empty()) {
    const auto number = TakeNumber(text);
    const std::string_view letters = TakeLetters(text);
    if (!number) return std::nullopt;
    while (next_unit < kUnits.size() && kUnits[next_unit].name != letters) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    const std::int64_t unit = kUnits[next_unit++].nanoseconds;
    if (*number > static_cast<std::uint64_t>((kLongest - sum) / unit)) return std::nullopt;
    sum += static_cast<std::int64_t>(*number) * unit;
  }
  return std::chrono::nanoseconds(sum);
}

std::optional<std::uint64_t> SizeFrom(std::string_view text) {
  const auto number = TakeNumber(text);
  if (!number) return std::nullopt;
  constexpr std::array<std::string_view, 5> kNames{"", "KiB", "MiB", "GiB", "TiB"};
  for (std::size_t power = 0; power < kNames.size(); ++power) {
    if (text != kNames[power]) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() >> (10 * power)) return std::nullopt;
    return *number << (10 * power);
  }
  return std::nullopt;
}

std::string DurationText(std::chrono::nanoseconds duration) {
  std::int64_t rest = duration.count();
  std::string text;
  for (const Unit& unit : kUnits) {
    if (rest < unit.nanoseconds) continue;
    text += std::to_string(rest / unit.nanoseconds) + std::string(unit.name);
    rest %= unit.nanoseconds;
  }
  return text.empty() ? "0s" : text;
}

Duration ParseDuration(const std::string& text, const std::string& what) {
  const auto duration = DurationFrom(text);
  if (!duration) throw ConfigError(what + ": `" + text + "` is no duration; " + std::string(kDurationHint));
  return *duration;
}

std::uint64_t ParseSize(const std::string& text, const std::string& what) {
  const auto size = SizeFrom(text);
  if (!size) throw ConfigError(what + ": `" + text + "` is no size; " + std::string(kSizeHint));
  return *size;
}

}  // namespace monitor
