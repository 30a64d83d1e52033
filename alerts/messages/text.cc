#include "alerts/messages/text.h"

#include <algorithm>
#include <cstdint>

namespace alerts {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Bytes of the valid character at the front of `text` (not empty), 0 where there is none (Unicode 15, table 3-7).
std::size_t CharacterSize(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), IsContinuation)) return 0;
  const unsigned char second = byte(1);
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return 0;
  if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return 0;
  return size;
}

// Takes one character off the front of `rest` and returns how it is written.
std::string_view Take(std::string_view& rest, bool escaped) {
  const std::size_t size = CharacterSize(rest);
  std::string_view written = size == 0 ? kReplacement : rest.substr(0, size);
  if (size == 1) {
    const unsigned char c = static_cast<unsigned char>(rest.front());
    if (c < 0x20 || c == 0x7f) written = " ";
    if (escaped && c == '&') written = "&amp;";
    if (escaped && c == '<') written = "&lt;";
    if (escaped && c == '>') written = "&gt;";
  }
  rest.remove_prefix(std::max<std::size_t>(size, 1));
  return written;
}

std::string ClipTo(std::string_view text, std::size_t limit, bool escaped) {
  std::string out;
  std::size_t used = 0;
  std::size_t room = 0;  // size of `out` up to which the ellipsis still fits
  while (!text.empty()) {
    const std::string_view written = Take(text, escaped);
    used += Length(written);
    if (used > limit) {
      out.resize(room);
      if (limit > 0) out += kEllipsis;
      return out;
    }
    out += written;
    if (used < limit) room = out.size();
  }
  return out;
}

}  // namespace

std::size_t Length(std::string_view utf8) {
  std::size_t units = 0;
  for (const char c : utf8) {
    if (!IsContinuation(c)) units += static_cast<unsigned char>(c) >= 0xf0 ? 2 : 1;
  }
  return units;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved.find(c) != kUnreserved.npos) {
      out.push_back(c);
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

std::string Clip(std::string_view text, std::size_t limit) { return ClipTo(text, limit, false); }
std::string ClipEscaped(std::string_view text, std::size_t limit) { return ClipTo(text, limit, true); }

}  // namespace alerts
