// The records of the benches: 20 numbers of mixed shape and 5 categories, made from their number alone, so that every
// run makes the same.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  double Share() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  double Normal() { return std::sqrt(-2 * std::log(1 - Share())) * std::cos(6.283185307179586 * Share()); }

 private:
  std::uint64_t state_;
};

struct Shape {
  std::size_t numbers = 20;
  std::size_t categories = 5;
  bool long_numbers = false;  // all digits of a double, as Python writes them
};

inline std::string NumberName(std::size_t i) { return (i < 10 ? "number_0" : "number_") + std::to_string(i); }
inline std::string CategoryName(std::size_t i) { return "category_" + std::to_string(i); }

// Appends the value of number column `i`; nothing when it is missing (every fourth column, 2 %).
inline void AppendNumber(Random& random, const Shape& shape, std::size_t i, std::string& out) {
  double value = 0;
  int digits = 3;
  switch (i % 5) {
    case 0:
      value = random.Normal() * 25 + static_cast<double>(i), digits = 4;
      break;
    case 1:
      value = std::exp(random.Normal());
      break;
    case 2:
      value = random.Share(), digits = 6;
      break;
    case 3:
      value = std::floor(random.Share() * std::pow(10.0, 2.0 + static_cast<double>(i % 4))), digits = 0;
      break;
    default:
      value = random.Share() < 0.6 ? 0.0 : -10 * std::log(1 - random.Share()), digits = 2;
      break;
  }
  if (i % 4 == 0 && random.Share() < 0.02) return;
  char text[40];
  const auto end = shape.long_numbers
                       ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr
                       : std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits).ptr;
  out.append(text, end);
}

// 3, 9, 27, 81 or 243 values, the first ones far more frequent.
inline void AppendCategory(Random& random, std::size_t i, std::string& out) {
  const double share = random.Share();
  const auto value = static_cast<std::uint64_t>(share * share * std::pow(3.0, 1.0 + static_cast<double>(i % 5)));
  out += "value_";
  out += std::to_string(value);
}

}  // namespace bench
