#include "baselines/values/timestamp.h"

#include <chrono>
#include <cmath>
#include <cstring>

#include "baselines/values/value_text.h"

namespace baselines {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Exactly `digits` decimal digits at `at`; -1 otherwise.
int Digits(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<std::int64_t> ToNs(std::int64_t seconds, std::int64_t nanos) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, kSecond, &ns) || __builtin_add_overflow(ns, nanos, &ns)) return std::nullopt;
  return ns;
}

// The zone suffix from `at` on, as seconds to subtract; nullopt when it is none.
std::optional<int> ZoneSeconds(std::string_view text, std::size_t at) {
  if (at == text.size()) return 0;
  if ((text[at] == 'Z' || text[at] == 'z') && at + 1 == text.size()) return 0;
  if (text[at] != '+' && text[at] != '-') return std::nullopt;
  const int hours = Digits(text, at + 1, 2);
  const bool colon = at + 3 < text.size() && text[at + 3] == ':';
  const std::size_t minutes_at = at + 3 + (colon ? 1 : 0);
  int minutes = 0;
  if (minutes_at < text.size() || colon) {
    minutes = Digits(text, minutes_at, 2);
    if (minutes_at + 2 != text.size()) return std::nullopt;
  }
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const int offset = hours * 3600 + minutes * 60;
  return text[at] == '+' ? offset : -offset;
}

// Which of eight bytes of text are no digits, as their high bits: exact up to the first byte above 0x7F.
std::uint64_t NoDigits(std::uint64_t word) {
  word ^= 0x3030303030303030;
  return ((word + 0x7676767676767676) | word) & 0x8080808080808080;
}

// What nearly all times look like, "2026-11-21T10:05:00Z" with or without a fraction, without a loop; nullopt: anything
// else, valid or not.
std::optional<std::int64_t> ParseUsual(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z') return std::nullopt;
  const char* const at = text.data();
  std::uint64_t date = 0, time = 0;  // "2026-11-" and "21T10:05"
  std::memcpy(&date, at, 8);
  std::memcpy(&time, at + 8, 8);
  if (NoDigits(date) != 0x8000008000000000 || NoDigits(time) != 0x0000800000800000 || at[4] != '-' || at[7] != '-' ||
      at[10] != 'T' || at[13] != ':' || at[16] != ':')
    return std::nullopt;
  const auto two = [at](std::size_t i) { return (at[i] - '0') * 10 + (at[i + 1] - '0'); };
  const auto below_10 = [at](std::size_t i) { return static_cast<unsigned char>(at[i] - '0') < 10; };
  const int hour = two(11), minute = two(14), second = two(17);
  if (hour > 23 || minute > 59 || second > 59 || !below_10(17) || !below_10(18)) return std::nullopt;
  std::int64_t nanos = 0;
  if (text.size() == 24 && at[19] == '.') {
    if (!below_10(20) || !below_10(21) || !below_10(22)) return std::nullopt;
    nanos = (two(20) * 10 + (at[22] - '0')) * std::int64_t{1'000'000};
  } else if (text.size() != 20) {
    return std::nullopt;
  }
  const std::chrono::year_month_day day{std::chrono::year{two(0) * 100 + two(2)},
                                        std::chrono::month{static_cast<unsigned>(two(5))},
                                        std::chrono::day{static_cast<unsigned>(two(8))}};
  if (!day.ok()) return std::nullopt;
  const std::int64_t midnight = std::chrono::sys_days{day}.time_since_epoch().count() * 86400LL;
  return ToNs(midnight + hour * 3600 + minute * 60 + second, nanos);
}

std::optional<std::int64_t> ParseDateTime(std::string_view text) {
  if (const auto usual = ParseUsual(text)) return usual;
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight = std::chrono::sys_days{date}.time_since_epoch().count() * 86400LL;
  if (text.size() == 10) return ToNs(midnight, 0);
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[13] != ':') return std::nullopt;
  int second = 0;
  std::size_t at = 16;
  if (at < text.size() && text[at] == ':') {
    second = Digits(text, 17, 2);
    if (second < 0 || second > 60) return std::nullopt;
    if (second == 60) second = 59;
    at = 19;
  }
  std::int64_t nanos = 0;
  if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
    std::int64_t scale = kSecond / 10;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) nanos += (text[at] - '0') * scale;
    if (at == first) return std::nullopt;
  }
  if (at < text.size() && text[at] == ' ') ++at;  // "… 10:00:00 +02:00"
  const auto zone = ZoneSeconds(text, at);
  if (!zone) return std::nullopt;
  return ToNs(midnight + hour * 3600 + minute * 60 + second - *zone, nanos);
}

}  // namespace

std::optional<std::int64_t> TimestampOfNumber(std::string_view number) {
  const auto value = ParseNumber(number);
  if (!value) return std::nullopt;
  const bool whole = number.find_first_not_of("-0123456789") == std::string_view::npos;
  const bool seconds = std::abs(*value) < 1e11;
  if (whole && std::abs(*value) < 9.2e18) {
    const auto integer =
        static_cast<std::int64_t>(*value);  // exact: whole numbers below 1e11 or milliseconds below 2^53
    if (seconds) return ToNs(integer, 0);
    return ToNs(integer / 1000, integer % 1000 * 1'000'000);
  }
  const double ns = seconds ? *value * 1e9 : *value * 1e6;
  if (std::abs(ns) >= 9.223372036854775e18) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(ns));
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text) {
  text = Trim(text);
  if (text.size() >= 10 && text[4] == '-' && text[7] == '-') return ParseDateTime(text);
  return TimestampOfNumber(text);
}

}  // namespace baselines
