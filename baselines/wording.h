// Numbers in sentences. Pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace baselines {

std::string Counted(std::uint64_t count);                  // "25,953"
std::string Share(std::uint64_t part, std::uint64_t all);  // "12 %", "0.3 %"

}  // namespace baselines
