// An HttpClient that answers what the test says and keeps what it was asked.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "alerts/http_client.h"

namespace alerts {

class FakeHttp : public HttpClient {
 public:
  HttpResponse Send(const HttpRequest& request) override {
    requests.push_back(request);
    if (answers.empty()) return response;
    const HttpResponse next = answers.front();
    answers.pop_front();
    return next;
  }
  void Interrupt() override { interrupted = true; }

  std::deque<HttpResponse> answers;  // the next ones
  HttpResponse response;             // all others
  std::vector<HttpRequest> requests;
  bool interrupted = false;
};

}  // namespace alerts
