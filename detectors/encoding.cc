#include "detectors/encoding.h"

#include <bit>
#include <limits>

namespace detectors {

void Encoder::Byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }

void Encoder::Varint(std::uint64_t value) {
  while (value >= 0x80) {
    Byte(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  Byte(static_cast<std::uint8_t>(value));
}

void Encoder::Signed(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  Varint((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void Encoder::Double(double value) {
  auto bits = std::bit_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i, bits >>= 8) Byte(static_cast<std::uint8_t>(bits));
}

void Encoder::Text(std::string_view value) {
  Varint(value.size());
  bytes_.append(value);
}

std::uint8_t Decoder::Byte() {
  if (AtEnd()) throw DecodeError("truncated: a byte is missing");
  return static_cast<std::uint8_t>(bytes_[at_++]);
}

std::uint64_t Decoder::Varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint64_t byte = Byte();
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  throw DecodeError("malformed: a number has more than 64 bits");
}

std::int64_t Decoder::Signed() {
  const std::uint64_t bits = Varint();
  return static_cast<std::int64_t>((bits >> 1) ^ (bits & 1 ? ~std::uint64_t{0} : 0));
}

double Decoder::Double() {
  if (bytes_.size() - at_ < 8) throw DecodeError("truncated: a double is missing");
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits |= std::uint64_t{Byte()} << (8 * i);
  return std::bit_cast<double>(bits);
}

std::string_view Decoder::Text() {
  const std::size_t size = Count(std::numeric_limits<std::size_t>::max());
  const std::string_view text = bytes_.substr(at_, size);
  at_ += size;
  return text;
}

std::size_t Decoder::Count(std::size_t limit) {
  const std::uint64_t count = Varint();
  if (count > limit)
    throw DecodeError("malformed: " + std::to_string(count) + " items where at most " + std::to_string(limit) +
                      " can be");
  if (count > bytes_.size() - at_) throw DecodeError("truncated: " + std::to_string(count) + " items are announced");
  return count;
}

void Decoder::Version(std::uint8_t expected, const char* what) {
  const std::uint8_t version = Byte();
  if (version == expected) return;
  throw DecodeError(std::string(what) + ": version " + std::to_string(version) + " is not known, only " +
                    std::to_string(expected));
}

}  // namespace detectors
