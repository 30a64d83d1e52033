#include "baselines/values/value_text.h"

#include <algorithm>

#include "baselines/values/decimal.h"

namespace baselines {
namespace {

std::uint64_t LengthBit(std::size_t length) { return std::uint64_t{1} << std::min<std::size_t>(length, 63); }

constexpr long kMostDigits = 309;  // of an integral number that is a finite double; longer only where it is written out

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), Lower);
  return lower;
}

bool EqualsLower(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return Lower(a) == b; });
}

// A number taken apart; `whole` and `fraction` are digits, the value is whole.fraction · 10^exponent.
struct Parts {
  bool negative = false;
  std::string_view whole, fraction;
  long exponent = 0;
};

std::string_view TakeDigits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, IsDigit);
  const auto length = static_cast<std::size_t>(end - text.begin());
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

std::optional<Parts> TakeApart(std::string_view text) {
  Parts parts;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  parts.whole = TakeDigits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parts.fraction = TakeDigits(text);
  }
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  if (text.empty()) return parts;
  if (Lower(text[0]) != 'e') return std::nullopt;
  text.remove_prefix(1);
  const bool down = !text.empty() && text[0] == '-';
  if (!text.empty() && (down || text[0] == '+')) text.remove_prefix(1);
  const std::string_view digits = TakeDigits(text);
  if (digits.empty() || !text.empty()) return std::nullopt;
  for (const char c : digits) parts.exponent = std::min(parts.exponent * 10 + (c - '0'), 1'000'000L);
  if (down) parts.exponent = -parts.exponent;
  return parts;
}

}  // namespace

MissingTexts::MissingTexts() : MissingTexts({"NA", "N/A", "NaN", "null", "None"}) {}

MissingTexts::MissingTexts(std::vector<std::string> texts) {
  for (const std::string& text : texts) {
    std::string lower = LowerCase(Trim(text));
    if (!lower.empty() && std::ranges::find(lower_, lower) == lower_.end()) lower_.push_back(std::move(lower));
  }
  for (const std::string& lower : lower_) lengths_ |= LengthBit(lower.size());
}

bool MissingTexts::Contains(std::string_view trimmed) const {
  if (trimmed.empty()) return true;
  if ((lengths_ & LengthBit(trimmed.size())) == 0) return false;
  return std::ranges::any_of(lower_, [&](const std::string& lower) { return EqualsLower(trimmed, lower); });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<double> ParseNumber(std::string_view trimmed) {
  double value = 0;
  if (!ParseDecimal(trimmed.data(), trimmed.data() + trimmed.size(), value)) return std::nullopt;
  return value;
}

std::string_view CanonicalText(std::string_view trimmed, std::string& scratch) {
  if (trimmed.empty()) return trimmed;
  const char first = trimmed[0];
  if (!IsDigit(first) && first != '-' && first != '+' && first != '.') {
    if (EqualsLower(trimmed, "true")) return "true";
    if (EqualsLower(trimmed, "false")) return "false";
    return trimmed;
  }
  const auto parts = TakeApart(trimmed);
  // Leading zeros are part of a code such as a postcode: 02134 is not 2134.
  if (!parts || (parts->whole.size() > 1 && parts->whole[0] == '0')) return trimmed;

  // All digits in one row, the point after the first `point` of them.
  scratch.assign(parts->whole).append(parts->fraction);
  const long point = static_cast<long>(parts->whole.size()) + parts->exponent;
  const std::size_t nonzero = scratch.find_first_not_of('0');
  if (nonzero == std::string::npos) return "0";
  const long last = static_cast<long>(scratch.find_last_not_of('0')) + 1;
  const long leading = static_cast<long>(nonzero);
  if (last > point) return trimmed;  // has decimals
  if (parts->exponent > 0 && point - leading > kMostDigits) return trimmed;
  scratch.resize(static_cast<std::size_t>(point), '0');
  scratch.erase(0, nonzero);
  if (parts->negative) scratch.insert(scratch.begin(), '-');
  return scratch;
}

}  // namespace baselines
