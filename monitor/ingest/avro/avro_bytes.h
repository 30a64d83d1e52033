// AvroBytes: reads the primitive encodings of Avro's binary format from a message, within its bounds.
//
// Every Take… returns false, and leaves the position anywhere, when the bytes end too early or are no such value; a
// message is given up then. Cost: a few ns.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace monitor {

class AvroBytes {
 public:
  explicit AvroBytes(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  const char* position() const { return at_; }
  bool AtEnd() const { return at_ == end_; }

  // Zigzag, seven bits a byte, the low ones first; at most ten bytes.
  bool TakeLong(std::int64_t& value) {
    std::uint64_t bits = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      if (shift == 63 && byte > 1) return false;
      bits |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) {
        value = static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
        return true;
      }
    }
    return false;
  }
  // A number from 0 to below `bound`: the branch of a union, the symbol of an enum.
  bool TakeChoice(std::size_t bound, std::size_t& choice) {
    std::int64_t value = 0;
    if (!TakeLong(value) || value < 0 || static_cast<std::uint64_t>(value) >= bound) return false;
    choice = static_cast<std::size_t>(value);
    return true;
  }
  bool TakeBoolean(bool& value) {
    if (at_ == end_ || static_cast<unsigned char>(*at_) > 1) return false;
    value = *at_++ == 1;
    return true;
  }
  template <class Float>
  bool TakeFloat(Float& value) {
    if (static_cast<std::size_t>(end_ - at_) < sizeof value) return false;
    std::memcpy(&value, at_, sizeof value);  // little-endian, as all machines that we run on
    at_ += sizeof value;
    return true;
  }
  bool TakeFixed(std::size_t size, std::string_view& bytes) {
    if (static_cast<std::size_t>(end_ - at_) < size) return false;
    bytes = {at_, size};
    at_ += size;
    return true;
  }
  // A length and so many bytes.
  bool TakeSized(std::string_view& bytes) {
    std::int64_t size = 0;
    return TakeLong(size) && size >= 0 && TakeFixed(static_cast<std::size_t>(size), bytes);
  }
  // The number of items of an array's or map's next block; 0: it was the last one. A negative count is followed by the
  // block's size, which nobody needs who reads all of it.
  bool TakeBlock(std::uint64_t& items) {
    std::int64_t count = 0, size = 0;
    if (!TakeLong(count)) return false;
    if (count < 0 && (count == INT64_MIN || !TakeLong(size) || size < 0)) return false;
    items = static_cast<std::uint64_t>(count < 0 ? -count : count);
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace monitor
