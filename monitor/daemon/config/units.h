// Values with units as the configuration writes them, and back. Pure.
//
// Durations: whole numbers with ms, s, m, h, d, the larger unit first: `90s`, `1h30m`, `7d`; at most 100 years. Sizes:
// a whole number of bytes, or with KiB, MiB, GiB, TiB: `512MiB`. nullopt for anything else. ParseDuration and ParseSize
// of config.h throw instead.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace monitor {

inline constexpr std::string_view kDurationHint = "write a number with its unit, like 90s, 15m, 6h or 7d";
inline constexpr std::string_view kSizeHint =
    "write a number of bytes, or one with its unit, like 64KiB, 512MiB or 2GiB";

std::optional<std::chrono::nanoseconds> DurationFrom(std::string_view text);
std::optional<std::uint64_t> SizeFrom(std::string_view text);

// "7d", "1h30m", "0s": for messages. Below a millisecond it is cut.
std::string DurationText(std::chrono::nanoseconds duration);

}  // namespace monitor
