// The one rule that makes text of values, for CSV cells, features, predictions and labels alike.
//
// Surrounding blanks are cut. A text is missing when it is empty or one of the missing texts (any case). A number is an
// optional sign, decimal digits with an optional point, and an optional exponent, nothing else: no hexadecimal, no
// thousands separators, no units. A category is compared as canonical text: an integral number loses its decimals (`1`,
// `1.0`, `1e0` and `"1"` are `1`; digits of any length are kept), booleans are `true`/`false` in any case, everything
// else stays as it is. Pure functions, thread-safe. Cost: tens of nanoseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baselines {

// The texts that stand for "no value", compared without case after trimming. The empty text always is one.
class MissingTexts {
 public:
  MissingTexts();  // NA, N/A, NaN, null, None
  explicit MissingTexts(std::vector<std::string> texts);

  bool Contains(std::string_view trimmed) const;
  const std::vector<std::string>& texts() const { return lower_; }

 private:
  std::vector<std::string> lower_;
  std::uint64_t lengths_ = 0;  // a bit for each length that occurs: most values have none of them
};

std::string_view Trim(std::string_view text);  // blanks, tabs, line ends

// The finite double that a trimmed text is, correctly rounded; nullopt when it is no number or not finite.
std::optional<double> ParseNumber(std::string_view trimmed);

// Canonical category text of a trimmed text. `scratch` holds the result when it differs from the input; the view is
// into one of the two.
std::string_view CanonicalText(std::string_view trimmed, std::string& scratch);

}  // namespace baselines
