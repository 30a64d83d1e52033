// An HttpClient that answers what the test says and keeps what it was asked.
#pragma once

#include <string>
#include <vector>

#include "alerts/http_client.h"

namespace alerts {

class FakeHttp : public HttpClient {
 public:
  HttpResponse Post(const HttpRequest& request) override {
    requests.push_back(request);
    return response;
  }
  void Interrupt() override { interrupted = true; }

  HttpResponse response;
  std::vector<HttpRequest> requests;
  bool interrupted = false;
};

}  // namespace alerts
