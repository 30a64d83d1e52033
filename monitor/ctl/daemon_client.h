// DaemonClient: monitorctl's side of the HTTP API.
//
// One answer per call, nothing kept; 3 s to connect, 30 s for an answer. Every fault throws DaemonError with a message
// for people: what was asked, what came instead, what to check. Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "monitor/daemon/config/config.h"

namespace monitor {

class DaemonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr const char* kDefaultDaemonUrl = "http://127.0.0.1:9464";

// Where a daemon with this configuration can be asked from its own host; a port of 0 is looked up in
// state/http.address.
std::string DaemonUrl(const Config& config);

class DaemonClient {
 public:
  // `url`: http(s)://host:port, with or without a path before /api. `token`: empty where none is needed.
  DaemonClient(std::string url, std::string token);

  // `path` begins with a slash; parameters are escaped, empty ones left out.
  nlohmann::json Get(const std::string& path, const std::map<std::string, std::string>& parameters = {}) const;
  // Asks for a change (POST, or DELETE without a body) and returns what the daemon says that it now is.
  nlohmann::json Post(const std::string& path, const nlohmann::json& body) const;
  nlohmann::json PostLines(const std::string& path, const std::string& lines) const;  // JSON lines
  nlohmann::json Put(const std::string& path, const std::string& body) const;         // JSON
  nlohmann::json Delete(const std::string& path) const;
  // The body of a plain-text answer, whatever its status: /readyz, /healthz. Without line ends.
  std::string GetText(const std::string& path) const;
  std::string Link(const std::string& path, const std::map<std::string, std::string>& parameters = {}) const;
  const std::string& url() const { return url_; }

 private:
  struct Answer {
    int status;
    std::string body;
  };
  enum class Method { kGet, kPost, kPut, kDelete };
  Answer Ask(const std::string& link, Method method = Method::kGet, const std::string& body = "",
             const char* content_type = "application/json") const;
  nlohmann::json Parse(const std::string& link, const Answer& answer) const;

  std::string url_, token_;
};

// Text as one segment of a path or as a parameter: everything but unreserved characters as %XX.
std::string EscapeUrl(const std::string& text);

}  // namespace monitor
