#include "monitor/ctl/init/time_guess.h"

#include <algorithm>
#include <cmath>

#include "baselines/values/timestamp.h"
#include "monitor/ingest/mapping/time_format.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr double kFits = 0.95;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

constexpr const char* kPatterns[] = {"%Y-%m-%d %H:%M:%S,%f",
                                     "%d/%m/%Y %H:%M:%S",
                                     "%m/%d/%Y %H:%M:%S",
                                     "%d.%m.%Y %H:%M:%S",
                                     "%Y/%m/%d %H:%M:%S",
                                     "%d/%m/%Y %H:%M:%S.%f",
                                     "%m/%d/%Y %H:%M:%S.%f",
                                     "%d.%m.%Y %H:%M:%S.%f",
                                     "%Y/%m/%d %H:%M:%S.%f",
                                     "%d/%m/%Y %H:%M",
                                     "%m/%d/%Y %H:%M",
                                     "%d.%m.%Y %H:%M",
                                     "%Y%m%dT%H%M%S%z",
                                     "%Y%m%dT%H%M%S",
                                     "%Y%m%d%H%M%S",
                                     "%d/%b/%Y:%H:%M:%S %z",
                                     "%a, %d %b %Y %H:%M:%S %z",
                                     "%d %b %Y %H:%M:%S",
                                     "%d/%m/%Y",
                                     "%m/%d/%Y",
                                     "%d.%m.%Y",
                                     "%Y%m%d"};

// Mean distance to the messages' times in ns; nullopt: it does not fit.
template <class Parse>
std::optional<double> Distance(const TimedValues& values, const Parse& parse) {
  std::size_t right = 0, all = 0;
  double distance = 0;
  for (const auto& [value, message_ns] : values) {
    if (value->is_null()) continue;
    ++all;
    const auto time = parse(*value);
    if (!time || *time < kYear2000Ns) continue;
    if (message_ns && *time > SaturatingAdd(*message_ns, kDayNs)) continue;
    ++right;
    if (message_ns) distance += std::abs(static_cast<double>(*time - *message_ns));
  }
  if (all == 0 || static_cast<double>(right) < kFits * static_cast<double>(all)) return std::nullopt;
  return distance / static_cast<double>(right);
}

}  // namespace

std::optional<TimeGuess> GuessTime(const TimedValues& values) {
  const auto text_of = [](const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); };
  const auto by_itself = [&](const json& value) -> std::optional<std::int64_t> {
    if (value.is_number()) return baselines::TimestampOfNumber(value.dump());
    return value.is_string() ? baselines::ParseTimestamp(value.get<std::string>()) : std::nullopt;
  };
  if (Distance(values, by_itself)) return TimeGuess{};
  const auto distance_of = [&](const char* format) {
    return Distance(values, [&, parsed = TimeFormat::FromText(format)](const json& value) {
      return value.is_number() || value.is_string() ? parsed->Parse(text_of(value)) : std::nullopt;
    });
  };
  for (const char* unit : {"us", "ns"}) {
    if (distance_of(unit)) return TimeGuess{unit, {}};
  }
  std::vector<std::pair<double, std::string>> fitting;
  for (const char* pattern : kPatterns) {
    if (const auto distance = distance_of(pattern)) fitting.emplace_back(*distance, pattern);
  }
  if (fitting.empty()) return std::nullopt;
  std::ranges::stable_sort(fitting, {}, [](const auto& each) { return each.first; });
  TimeGuess guess{fitting.front().second, {}};
  for (std::size_t i = 1; i < fitting.size(); ++i) guess.others.push_back(fitting[i].second);
  return guess;
}

}  // namespace monitor
