#include "monitor/ctl/daemon_client.h"

#include <fstream>
#include <utility>

#include <httplib.h>

// The compiled httplib has these on, and its types change their layout with them: take the flags of `pkg-config
// --cflags cpp-httplib`.
#if !defined(CPPHTTPLIB_OPENSSL_SUPPORT) || !defined(CPPHTTPLIB_ZLIB_SUPPORT) || !defined(CPPHTTPLIB_BROTLI_SUPPORT)
#error "httplib.h is compiled without the flags of pkg-config cpp-httplib"
#endif

namespace monitor {

namespace {

using nlohmann::json;

constexpr std::time_t kConnectSeconds = 3;
constexpr std::time_t kAnswerSeconds = 30;

std::string HostForUrl(const std::string& host) {
  if (host == "0.0.0.0" || host.empty()) return "127.0.0.1";
  if (host == "::" || host == "[::]") return "[::1]";
  return host.find(':') != std::string::npos && host.front() != '[' ? "[" + host + "]" : host;
}

std::string Words(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return "no connection";
    case httplib::Error::Read:
    case httplib::Error::Write:
      return "the connection broke off, or no answer came within " + std::to_string(kAnswerSeconds) + " s";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "the TLS connection failed; is its certificate valid for this host?";
    default:
      return httplib::to_string(error);
  }
}

// The API's own words where it has some.
std::string ReasonOf(int status, const std::string& text) {
  const json body = json::parse(text, nullptr, false);
  if (body.is_object() && body.contains("error") && body.at("error").is_string()) return body.at("error");
  return "HTTP " + std::to_string(status) + ", without the words of monitord; is it another program's address?";
}

}  // namespace

std::string EscapeUrl(const std::string& text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      escaped += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return escaped;
}

std::string DaemonUrl(const Config& config) {
  int port = config.listen_port;
  if (port == 0) {
    const auto file = config.state / "http.address";
    std::ifstream in(file);
    std::string address;
    std::getline(in, address);
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos || address.find_first_not_of("0123456789", colon + 1) != std::string::npos ||
        colon + 1 == address.size() || address.size() > colon + 6) {
      throw DaemonError("listen has port 0 and " + file.string() + " names no port: is monitord running?");
    }
    port = std::stoi(address.substr(colon + 1));
  }
  return "http://" + HostForUrl(config.listen_host) + ":" + std::to_string(port);
}

DaemonClient::DaemonClient(std::string url, std::string token) : url_(std::move(url)), token_(std::move(token)) {
  if (url_.find("://") == std::string::npos) url_ = "http://" + url_;
  while (url_.back() == '/') url_.pop_back();
  if (url_.rfind("http://", 0) != 0 && url_.rfind("https://", 0) != 0) {
    throw DaemonError("--url " + url_ + ": only http:// and https:// are spoken");
  }
}

std::string DaemonClient::Link(const std::string& path, const std::map<std::string, std::string>& parameters) const {
  std::string link = url_ + path;
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    link += separator + name + "=" + EscapeUrl(value);
    separator = '&';
  }
  return link;
}

DaemonClient::Answer DaemonClient::Ask(const std::string& link, Method method, const std::string& body,
                                       const char* content_type) const {
  const std::size_t root = link.find('/', link.find("://") + 3);
  httplib::Client client(link.substr(0, root));
  if (!client.is_valid()) {
    throw DaemonError("--url " + url_ + ": this is no address of a daemon; it looks like " + kDefaultDaemonUrl);
  }
  client.set_connection_timeout(kConnectSeconds);
  client.set_read_timeout(kAnswerSeconds);
  client.set_url_encode(false);  // Link has escaped what needs it
  if (!token_.empty()) client.set_bearer_token_auth(token_);
  const std::string path = link.substr(root);
  const httplib::Result result = method == Method::kPost     ? client.Post(path, body, content_type)
                                 : method == Method::kPut    ? client.Put(path, body, content_type)
                                 : method == Method::kDelete ? client.Delete(path)
                                                             : client.Get(path);
  if (!result) {
    throw DaemonError("no daemon answers at " + url_ + ": " + Words(result.error()) +
                      ". Is monitord running? Name its address by --url, or its configuration by --config.");
  }
  if (result->status == 401) {
    throw DaemonError(url_ + " wants the API token: give it by --token-file or in MONITORD_TOKEN");
  }
  return {result->status, result->body};
}

json DaemonClient::Get(const std::string& path, const std::map<std::string, std::string>& parameters) const {
  const std::string link = Link(path, parameters);
  return Parse(link, Ask(link));
}

json DaemonClient::Post(const std::string& path, const json& body) const {
  const std::string link = Link(path);
  return Parse(link, Ask(link, Method::kPost, body.dump(-1, ' ', false, json::error_handler_t::replace)));
}

json DaemonClient::PostLines(const std::string& path, const std::string& lines) const {
  const std::string link = Link(path);
  return Parse(link, Ask(link, Method::kPost, lines, "application/jsonl"));
}

json DaemonClient::Put(const std::string& path, const std::string& body) const {
  const std::string link = Link(path);
  return Parse(link, Ask(link, Method::kPut, body));
}

json DaemonClient::Delete(const std::string& path) const {
  const std::string link = Link(path);
  return Parse(link, Ask(link, Method::kDelete));
}

json DaemonClient::Parse(const std::string& link, const Answer& answer) const {
  if (answer.status != 200) throw DaemonError(url_ + ": " + ReasonOf(answer.status, answer.body));
  json parsed = json::parse(answer.body, nullptr, false);
  if (!parsed.is_object()) {
    throw DaemonError(link + " answers, but not as monitord does; is it another program's address?");
  }
  return parsed;
}

std::string DaemonClient::GetText(const std::string& path) const {
  std::string text = Ask(Link(path)).body;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace monitor
