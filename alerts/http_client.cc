#include "alerts/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>

namespace alerts {
namespace {

constexpr long kConnectMs = 5'000;
constexpr long kTotalMs = 20'000;

// What the callbacks of one transfer share.
struct Transfer {
  const std::atomic<bool>& interrupted;
  const std::size_t most_bytes;
  HttpResponse response;
  bool body_full = false;
  bool address_refused = false;
};

bool IsRefused(const in_addr& address) { return (ntohl(address.s_addr) >> 16) == 0xa9fe; }  // 169.254.0.0/16

bool IsRefused(const in6_addr& address) {
  if (IN6_IS_ADDR_LINKLOCAL(&address)) return true;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr inner{};
    std::memcpy(&inner, &address.s6_addr[12], sizeof inner);
    return IsRefused(inner);
  }
  constexpr std::array<unsigned char, 16> kMetadata{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
  return std::equal(kMetadata.begin(), kMetadata.end(), address.s6_addr);
}

curl_socket_t OpenSocket(void* context, curlsocktype, curl_sockaddr* to) {
  auto& transfer = *static_cast<Transfer*>(context);
  bool refused = false;
  if (to->family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &to->addr, sizeof address);
    refused = IsRefused(address.sin_addr);
  } else if (to->family == AF_INET6) {
    // libcurl keeps room for any address behind `addr`, whose declared type is shorter.
    sockaddr_in6 address{};
    std::memcpy(&address, reinterpret_cast<const char*>(to) + offsetof(curl_sockaddr, addr), sizeof address);
    refused = IsRefused(address.sin6_addr);
  }
  if (refused) {
    transfer.address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t Receive(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  std::string& body = transfer.response.body;
  const std::size_t taken = std::min(size, transfer.most_bytes - body.size());
  body.append(data, taken);
  transfer.body_full = taken < size;
  return taken;  // less than offered ends the transfer
}

int Progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->interrupted ? 1 : 0;
}

// In words of our own, since libcurl's may quote parts of the URL.
std::string ErrorText(CURLcode code, CURL* handle, const Transfer& transfer) {
  if (transfer.address_refused) return "the address is link-local or a metadata service and is refused";
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return "interrupted";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the host name cannot be resolved";
    case CURLE_COULDNT_CONNECT: {
      long os_error = 0;
      curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_error);
      if (os_error == ECONNREFUSED) return "connection refused";
      return "cannot connect";
    }
    case CURLE_OPERATION_TIMEDOUT:
      return "timed out";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "the TLS certificate is not trusted";
    default:
      return curl_easy_strerror(code);
  }
}

struct EasyHandle {
  EasyHandle() : curl(curl_easy_init()) {
    if (curl == nullptr) throw std::bad_alloc();
  }
  ~EasyHandle() { curl_easy_cleanup(curl); }
  EasyHandle(const EasyHandle&) = delete;
  EasyHandle& operator=(const EasyHandle&) = delete;
  CURL* curl;
};

bool IsOneLine(const std::string& text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

class CurlClient : public HttpClient {
 public:
  CurlClient() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
  }

  HttpResponse Send(const HttpRequest& request) override {
    Transfer transfer{interrupted_, request.most_bytes, {}};
    if (interrupted_) {
      transfer.response.error = "interrupted";
      return transfer.response;
    }
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
    const auto add = [&headers](const std::string& line) {
      curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
      if (longer == nullptr) throw std::bad_alloc();
      static_cast<void>(headers.release());
      headers.reset(longer);
    };
    // libcurl 7.88 signs this line although it is not sent; without it nothing is asked below 1 MiB either.
    if (request.aws_scope.empty()) add("Expect:");
    for (const auto& [name, value] : request.headers) {
      if (!IsOneLine(name) || !IsOneLine(value)) {
        transfer.response.error = "malformed header";
        return transfer.response;
      }
      add(name + ": " + value);
    }

    thread_local EasyHandle easy;
    CURL* const handle = easy.curl;
    curl_easy_reset(handle);  // keeps connections
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    if (request.method == "GET") {
      curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    } else {
      curl_easy_setopt(handle, CURLOPT_POST, 1L);
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    if (!request.user.empty()) {
      curl_easy_setopt(handle, CURLOPT_USERNAME, request.user.c_str());
      curl_easy_setopt(handle, CURLOPT_PASSWORD, request.password.c_str());
    }
    if (!request.aws_scope.empty()) {
      curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, ("aws:amz:" + request.aws_scope).c_str());
    }
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "monitord");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, kTotalMs);
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a resolver that hangs
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, Progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK && !transfer.body_full) {
      transfer.response.body.clear();
      transfer.response.error = ErrorText(code, handle, transfer);
      return transfer.response;
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    curl_off_t wait_s = 0;
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &wait_s);
    if (wait_s > 0) transfer.response.retry_after_s = static_cast<int>(std::min<curl_off_t>(wait_s, INT_MAX));
    return transfer.response;
  }

  void Interrupt() override { interrupted_ = true; }

 private:
  std::atomic<bool> interrupted_{false};
};

}  // namespace

std::shared_ptr<HttpClient> MakeCurlClient() { return std::make_shared<CurlClient>(); }

}  // namespace alerts
