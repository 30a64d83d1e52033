#include "monitor/ingest/mapping/time_format.h"

#include <cmath>
#include <ctime>

#include "baselines/values/value_text.h"

namespace monitor {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

// The digits of a fraction at `at` as nanoseconds; moves behind them.
std::optional<std::int64_t> TakeFraction(const char*& at) {
  std::int64_t ns = 0, weight = kSecondNs / 10;
  const char* const begin = at;
  for (; *at >= '0' && *at <= '9'; ++at, weight /= 10) ns += (*at - '0') * weight;
  if (at == begin) return std::nullopt;
  return ns;
}

}  // namespace

std::optional<TimeFormat> TimeFormat::FromText(std::string_view text) {
  TimeFormat format;
  if (text == "s") format.unit_ns_ = kSecondNs;
  if (text == "ms") format.unit_ns_ = 1'000'000;
  if (text == "us") format.unit_ns_ = 1'000;
  if (text == "ns") format.unit_ns_ = 1;
  if (format.unit_ns_ > 0) return format;
  if (text.find('%') == std::string_view::npos) return std::nullopt;
  const std::size_t fraction = text.find("%f");
  format.fraction_ = fraction != std::string_view::npos;
  format.before_ = text.substr(0, fraction);
  if (format.fraction_) format.after_ = text.substr(fraction + 2);
  return format;
}

std::optional<std::int64_t> TimeFormat::Parse(std::string_view text) const {
  std::int64_t ns = 0;
  if (unit_ns_ > 0) {
    const std::string_view trimmed = baselines::Trim(text);
    // Whole numbers keep every digit; a double would lose the last ones of nanoseconds.
    std::int64_t whole = 0;
    bool digits = !trimmed.empty();
    for (const char c : trimmed) {
      digits = digits && c >= '0' && c <= '9' && !__builtin_mul_overflow(whole, 10, &whole) &&
               !__builtin_add_overflow(whole, c - '0', &whole);
    }
    if (digits) return __builtin_mul_overflow(whole, unit_ns_, &ns) ? std::nullopt : std::optional(ns);
    const auto number = baselines::ParseNumber(trimmed);
    if (!number || std::abs(*number) * static_cast<double>(unit_ns_) >= 9.2e18) return std::nullopt;
    return static_cast<std::int64_t>(std::llround(*number * static_cast<double>(unit_ns_)));
  }
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  std::tm time{};
  time.tm_mday = 1;
  time.tm_year = 70;
  const char* at = strptime(copy.c_str(), before_.c_str(), &time);
  if (at != nullptr && fraction_) {
    const auto fraction = TakeFraction(at);
    if (!fraction) return std::nullopt;
    ns = *fraction;
    if (!after_.empty()) at = strptime(at, after_.c_str(), &time);
  }
  if (at == nullptr || *at != '\0') return std::nullopt;
  const long offset = time.tm_gmtoff;  // timegm overwrites it
  const std::int64_t seconds = timegm(&time) - offset;
  std::int64_t whole = 0;
  if (__builtin_mul_overflow(seconds, kSecondNs, &whole) || __builtin_add_overflow(whole, ns, &ns)) return std::nullopt;
  return ns;
}

}  // namespace monitor
