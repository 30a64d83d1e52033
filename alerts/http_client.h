// HttpClient: requests by libcurl; the only network code of the alerting side, and an interface so that tests can stand
// in for a network fault.
//
// TLS is verified, redirects are not followed, only http and https are spoken, `Expect:` is not sent. Time-outs: 5 s to
// connect, 20 s in all. Link-local and cloud metadata addresses (169.254.0.0/16, fe80::/10, fd00:ec2::254) are refused
// after name resolution, when the connection is opened. One easy handle per thread is kept for connection reuse.
// Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace alerts {

struct HttpRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string method = "POST";           // or GET, which sends no body
  std::string user = "", password = "";  // HTTP Basic, or the access key of `aws_scope`; empty: none
  std::string aws_scope = "";            // "<region>:<service>": signed by AWS Signature Version 4
  std::size_t most_bytes = 64 * 1024;    // of the answer's body, the rest is not read
};

struct HttpResponse {
  int status = 0;     // 0: no answer, see error
  std::string body;   // at most `most_bytes` of the request
  std::string error;  // transport fault in words, without the URL
  std::optional<int> retry_after_s;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual HttpResponse Send(const HttpRequest& request) = 0;
  // For the end of the program: transfers under way end within a second, later ones fail at once. From any thread.
  virtual void Interrupt() = 0;
};

std::shared_ptr<HttpClient> MakeCurlClient();

}  // namespace alerts
