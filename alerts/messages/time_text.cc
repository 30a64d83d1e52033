#include "alerts/messages/time_text.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace alerts {
namespace {

using std::chrono::nanoseconds;

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second;
  std::int64_t fraction_ns;
};

Civil ToCivil(std::int64_t ns) {
  // By hand, because the first day that 64 bits reach begins before their smallest value.
  constexpr std::int64_t kDayNs = 86'400'000'000'000;
  const std::int64_t in_day = (ns % kDayNs + kDayNs) % kDayNs;
  const std::chrono::days days(static_cast<int>(ns / kDayNs - (ns % kDayNs < 0 ? 1 : 0)));
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const std::chrono::hh_mm_ss clock{nanoseconds(in_day)};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<std::int64_t>(clock.subseconds().count())};
}

template <typename... Args>
std::string Print(const char* format, Args... args) {
  std::array<char, 128> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), format, args...);
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::string Fraction(std::int64_t ns) {
  if (ns == 0) return "";
  std::string digits = Print("%09lld", static_cast<long long>(ns));
  while (digits.ends_with("000")) digits.resize(digits.size() - 3);
  return "." + digits;
}

struct Unit {
  std::uint64_t ns;
  const char* name;
};
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::array<Unit, 5> kUnits{
    {{86'400 * kSecond, "d"}, {3'600 * kSecond, "h"}, {60 * kSecond, "min"}, {kSecond, "s"}, {kSecond / 1000, "ms"}}};
constexpr std::size_t kSeconds = 3;  // index of "s"

}  // namespace

std::string FormatTime(std::int64_t ns) {
  const Civil t = ToCivil(ns);
  return Print("%04d-%02u-%02uT%02d:%02d:%02d", t.year, t.month, t.day, t.hour, t.minute, t.second) +
         Fraction(t.fraction_ns) + "Z";
}

std::string FormatTimeForPeople(std::int64_t ns) {
  const Civil t = ToCivil(ns);
  return Print("%04d-%02u-%02u %02d:%02d UTC", t.year, t.month, t.day, t.hour, t.minute);
}

std::string FormatDuration(std::int64_t ns) {
  std::string text(ns < 0 ? "-" : "");
  // Unsigned, because the smallest value has no positive twin.
  const std::uint64_t length = ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  const auto add = [&text](std::uint64_t count, const char* unit) {
    text.append(std::to_string(count)).append(" ").append(unit);
  };
  const bool seconds_alone = length % kSecond == 0 && length < 120 * kSecond && length != 60 * kSecond;
  for (std::size_t i = seconds_alone ? kSeconds : 0; i < kUnits.size(); ++i) {
    const std::uint64_t whole = length / kUnits[i].ns;
    if (whole == 0) continue;
    add(whole, kUnits[i].name);
    const std::uint64_t rest = i + 1 < kUnits.size() ? length % kUnits[i].ns / kUnits[i + 1].ns : 0;
    if (rest > 0) {
      text.append(" ");
      add(rest, kUnits[i + 1].name);
    }
    return text;
  }
  return "0 s";
}

}  // namespace alerts
