// Numbers in sentences. Pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace monitor {

std::string Number(double value);   // four significant digits: "0.1234", "1416", "3.2e+07"
std::string Percent(double share);  // of 0..1: "0.2 %", "71 %", "100 %"; never "0 %" or "100 %" for what is not
std::string Thousands(std::uint64_t count);  // "25,953"

}  // namespace monitor
