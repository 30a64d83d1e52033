// SignStandardWebhook (targets/webhook.h).
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "alerts/targets/webhook.h"

namespace alerts {
namespace {

constexpr std::string_view kPrefix = "whsec_";

const unsigned char* Bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string KeyOf(const std::string& secret) {
  if (!secret.starts_with(kPrefix)) {
    if (secret.empty()) throw std::invalid_argument("a webhook secret is empty");
    return secret;
  }
  const std::invalid_argument malformed("a webhook secret begins with whsec_ but is not base64 after it");
  std::string text = secret.substr(kPrefix.size());
  while (text.ends_with('=')) text.pop_back();
  constexpr auto kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.empty() || text.size() % 4 == 1 || text.find_first_not_of(kAlphabet) != text.npos) throw malformed;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string key(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(key.data()), Bytes(text), static_cast<int>(text.size())) < 0) {
    throw malformed;
  }
  key.resize(key.size() - padding);
  return key;
}

}  // namespace

std::string SignStandardWebhook(const std::vector<std::string>& secrets, const std::string& id,
                                std::int64_t timestamp_s, const std::string& body) {
  const std::string content = id + "." + std::to_string(timestamp_s) + "." + body;
  std::string header;
  for (const std::string& secret : secrets) {
    const std::string key = KeyOf(secret);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(content), content.size(), mac.data(),
             &size) == nullptr) {
      throw std::runtime_error("HMAC-SHA256 is not available in libcrypto");
    }
    std::array<unsigned char, 4 * ((EVP_MAX_MD_SIZE + 2) / 3) + 1> text{};
    const int length = EVP_EncodeBlock(text.data(), mac.data(), static_cast<int>(size));
    if (!header.empty()) header += " ";
    header += "v1,";
    header.append(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length));
  }
  return header;
}

}  // namespace alerts
