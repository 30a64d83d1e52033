// Who may ask what: the rules of HttpServer as pure functions over a request's method, path and Authorization header.
#pragma once

#include <string>
#include <string_view>

namespace monitor {

struct AccessPolicy {
  std::string token;  // empty: none configured
  bool beyond_loopback = false;
  bool open_metrics = false;  // beyond loopback: /metrics, /healthz and /readyz need no token
};

enum class Access {
  kAllowed,
  kNeedsToken,     // 401
  kNoTokenExists,  // 403: the configuration has none, so nobody can be allowed
};

// `authorization`: the header's value, empty without one. Tokens are compared in constant time.
Access Check(const AccessPolicy& policy, std::string_view method, std::string_view path,
             std::string_view authorization);

// 127.0.0.0/8, ::1 and localhost.
bool IsLoopback(std::string_view host);

// Takes the same time wherever the first difference is.
bool SameSecret(std::string_view given, std::string_view expected);

}  // namespace monitor
