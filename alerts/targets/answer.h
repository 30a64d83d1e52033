// What an HTTP answer means for the message that it answers.
//
// 2xx delivered. No answer, 408, 425, 429 and 5xx are tried again, not before Retry-After. Everything else gives up:
// the same bytes would meet the same answer, redirects are not followed, and 410 says that the endpoint is gone, which
// disables the target.
#pragma once

#include "alerts/http_client.h"
#include "alerts/outbox.h"

namespace alerts {

Outcome OutcomeOf(const HttpResponse& response);
// Of a look at a run, whose answer was no 2xx: that the target did not say, and why.
RunStatus NoAnswer(const HttpResponse& response);

}  // namespace alerts
