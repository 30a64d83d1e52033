#include "alerts/messages/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace alerts {

std::string HexDigest(std::initializer_list<std::string_view> parts, std::size_t digits) {
  std::string input;
  for (const std::string_view part : parts) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      input.push_back(static_cast<char>(static_cast<std::uint64_t>(part.size()) >> shift & 0xff));
    }
    input += part;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(input.data(), input.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available in libcrypto");
  }
  std::string hex;
  for (unsigned int i = 0; i < size && hex.size() < digits; ++i) {
    hex.push_back("0123456789abcdef"[digest[i] >> 4]);
    hex.push_back("0123456789abcdef"[digest[i] & 15]);
  }
  hex.resize(digits);
  return hex;
}

}  // namespace alerts
