// PaddedMessage: a copy of a message with zeros around it, so that values may be read 8, 16 or 32 bytes at a time from
// any place in it, and, for processors with AVX2, with an index of the bytes that end values.
//
// The index has a bit for each byte: whether it is a comma, a closing bracket, a quote, a backslash, a blank or below
// it. It makes finding the end of a value a matter of a few cycles, which nothing else can overlap with, since the next
// value begins there. Reused without allocation in steady state; not thread-safe. Cost: about 0.05 ns per byte beside
// the copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace monitor {

class PaddedMessage {
 public:
  static constexpr std::size_t kBefore = 32;  // zeros before it
  static constexpr std::size_t kBehind = 64;  // and behind it, which end every value

  void Assign(std::string_view message);

  const char* begin() const { return bytes_.data() + kBefore; }
  const char* end() const { return begin() + size_; }
  std::string_view view() const { return {begin(), size_}; }
  bool ascii() const { return ascii_; }  // no byte is beyond ASCII
  // The index, eight bytes a byte, from begin() to end() and ones behind that; only with AVX2.
  const std::uint8_t* stops() const { return stops_.data(); }

 private:
  void AssignAvx2(std::string_view message);

  std::vector<char> bytes_;
  std::vector<std::uint8_t> stops_;
  std::size_t size_ = 0;
  bool ascii_ = true;
};

}  // namespace monitor
