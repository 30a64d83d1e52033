#include "detectors/hash.h"

#include <bit>
#include <cstddef>

namespace detectors {
namespace {

__extension__ using Wide = unsigned __int128;

// Odd constants with 32 bits set, as wyhash uses them.
constexpr std::uint64_t kSecret[] = {0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3, 0x589965cc75374cc3};

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Little endian on every machine; compilers turn it into one load.
std::uint64_t Read(const char* at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return value;
}

std::uint64_t Read8(const char* at) { return Read(at, 8); }

}  // namespace

std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  seed ^= kSecret[0];
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (left <= 8) {
    a = Read(at, left);
  } else {
    for (; left > 16; at += 16, left -= 16) seed = Mix(Read8(at) ^ kSecret[1], Read8(at + 8) ^ seed);
    // The last 16 bytes, or the first and the last 8 of a short text: they overlap rather than run over the end.
    if (bytes.size() >= 16) {
      a = Read8(at + left - 16);
    } else {
      a = Read8(at);
    }
    b = Read8(at + left - 8);
  }
  const std::uint64_t length = bytes.size();
  return Mix(kSecret[1] ^ length, Mix(a ^ kSecret[2], b ^ seed ^ kSecret[3]));
}

}  // namespace detectors
