#include "monitor/judge/windows/wording.h"

#include <cmath>
#include <cstdio>

namespace monitor {

std::string Number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string Percent(double share) {
  const double percent = share * 100;
  char text[40];
  if (share > 0 && percent < 0.01) return "below 0.01 %";
  if (share < 1 && percent > 99.9) return "above 99.9 %";
  const int digits = percent == std::floor(percent) ? 0 : percent < 0.1 ? 2 : percent < 10 || percent > 99 ? 1 : 0;
  std::snprintf(text, sizeof text, "%.*f %%", digits, percent);
  return text;
}

std::string Thousands(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

}  // namespace monitor
