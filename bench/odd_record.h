// One of four ways in which producers' records differ from each other.
#pragma once

#include <optional>
#include <string>

#include "record_shape.h"

namespace bench {

struct OddRecord {
  std::string text;
  std::optional<std::size_t> missing;  // the number whose value is gone, where there was one
};

// A feature left out, two keys in another order, an escape, or a blank, in turn.
inline OddRecord Odd(const std::string& record, std::size_t number) {
  OddRecord odd{record, std::nullopt};
  std::string& text = odd.text;
  switch (number % 4) {
    case 0: {
      const std::size_t column = 1 + number / 4 % 19;
      const std::string name = ",\"" + NumberName(column) + "\":";
      const std::size_t at = text.find(name);
      if (text.compare(at + name.size(), 4, "null") != 0) odd.missing = column;
      text.erase(at, text.find(',', at + 1) - at);
      break;
    }
    case 1: {
      const std::size_t at = text.find(",\"model\""), middle = text.find(",\"version\""),
                        end = text.find(",\"timestamp\"");
      text = text.substr(0, at) + text.substr(middle, end - middle) + text.substr(at, middle - at) + text.substr(end);
      break;
    }
    case 2:
      text.replace(text.find("value_"), 1, "\\u0076");
      break;
    default:
      text.insert(text.find(",\"features\""), " ");
  }
  return odd;
}

}  // namespace bench
