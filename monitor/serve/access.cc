#include "monitor/serve/access.h"

#include <array>
#include <cstdint>
#include <optional>

namespace monitor {

namespace {

// Schemes are compared without case (RFC 9110, 11.1).
std::optional<std::string_view> AfterScheme(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = authorization[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != scheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(scheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  return authorization;
}

// Bytes of base64 text up to the first character that is none (padding included).
std::string DecodeBase64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<std::uint32_t>(c - 'a' + 26);
    } else if (c >= '0' && c <= '9') {
      value = static_cast<std::uint32_t>(c - '0' + 52);
    } else if (c == '+') {
      value = 62;
    } else if (c == '/') {
      value = 63;
    } else {
      break;
    }
    bits = (bits << 6 | value) & 0xffffffU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>(bits >> held & 0xffU));
    }
  }
  return bytes;
}

bool IsProbe(std::string_view path) {
  constexpr std::array<std::string_view, 3> kProbes{"/metrics", "/healthz", "/readyz"};
  for (const std::string_view probe : kProbes) {
    if (path == probe) return true;
  }
  return false;
}

}  // namespace

bool SameSecret(std::string_view given, std::string_view expected) {
  unsigned difference = given.size() == expected.size() ? 0U : 1U;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const char c = given.empty() ? '\0' : given[i % given.size()];
    difference |= static_cast<unsigned>(static_cast<unsigned char>(c) ^ static_cast<unsigned char>(expected[i]));
  }
  return difference == 0;
}

bool IsLoopback(std::string_view host) {
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost" || host == "::1") return true;
  // A name such as 127.example.com is not an address.
  return host.substr(0, 4) == "127." && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Access Check(const AccessPolicy& policy, std::string_view method, std::string_view path,
             std::string_view authorization) {
  const bool reading = method == "GET" || method == "HEAD";
  if (reading && (!policy.beyond_loopback || (policy.open_metrics && IsProbe(path)))) return Access::kAllowed;
  if (policy.token.empty()) return Access::kNoTokenExists;
  if (const auto token = AfterScheme(authorization, "bearer")) {
    return SameSecret(*token, policy.token) ? Access::kAllowed : Access::kNeedsToken;
  }
  // A browser sends Basic by itself with every request, also with those that another site makes it send: good for
  // reading alone.
  if (const auto basic = AfterScheme(authorization, "basic"); basic && reading) {
    const std::string pair = DecodeBase64(*basic);
    const std::size_t colon = pair.find(':');
    if (colon != std::string::npos && SameSecret(std::string_view(pair).substr(colon + 1), policy.token)) {
      return Access::kAllowed;
    }
  }
  return Access::kNeedsToken;
}

}  // namespace monitor
