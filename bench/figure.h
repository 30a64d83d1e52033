// The line by which ./dev bench makes its table (bench/summary.py); benches in Python print it by measuring.figure.
#pragma once

#include <cstdio>
#include <string>

namespace bench {

enum class Limit { kLeast, kMost };

// Texts go into JSON as they are: no quotes or backslashes. Without a target nothing is kept or missed.
inline void PrintFigure(const char* bench, const std::string& figure, double measured, const char* unit) {
  std::printf(R"({"bench":"%s","figure":"%s","measured":%.4g,"target":null,"unit":"%s","limit":null,"kept":null})"
              "\n",
              bench, figure.c_str(), measured, unit);
}

inline void PrintFigure(const char* bench, const std::string& figure, double measured, double target, const char* unit,
                        Limit limit) {
  const bool kept = limit == Limit::kLeast ? measured >= target : measured <= target;
  std::printf(R"({"bench":"%s","figure":"%s","measured":%.4g,"target":%.4g,"unit":"%s","limit":"%s","kept":%s})"
              "\n",
              bench, figure.c_str(), measured, target, unit, limit == Limit::kLeast ? "least" : "most",
              kept ? "true" : "false");
}

}  // namespace bench
