// Encoder and Decoder: the byte form of every stored summary.
//
// Integers are LEB128 varints (signed ones zigzag first), doubles are 8 bytes little endian, text is its length and its
// bytes. Every summary writes a version byte of its own first, so that an older form stays readable after the type has
// changed. Not thread-safe. Cost: about 1 ns per small integer. Errors: Decoder throws DecodeError on truncated or
// malformed input.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace detectors {

class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Encoder {
 public:
  void Byte(std::uint8_t value);
  void Varint(std::uint64_t value);
  void Signed(std::int64_t value);
  void Double(double value);
  void Text(std::string_view value);

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Decoder {
 public:
  // `bytes` must outlive the decoder and every view that Text returns.
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t Byte();
  std::uint64_t Varint();
  std::int64_t Signed();
  double Double();
  std::string_view Text();

  // A count of items that follow: at most `limit` and at most the bytes that are left, so that a damaged blob cannot
  // ask for memory.
  std::size_t Count(std::size_t limit);
  // Reads a version byte and throws unless it is `expected`; `what` names the summary in the message.
  void Version(std::uint8_t expected, const char* what);
  bool AtEnd() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace detectors
