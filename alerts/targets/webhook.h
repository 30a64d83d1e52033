// A generic webhook: the body of ARCHITECTURE 7, signed as Standard Webhooks 1.0.0 says, with CloudEvents headers
// beside.
//
// Headers webhook-id, webhook-timestamp (of the try), webhook-signature = "v1,<base64 HMAC-SHA256 of
// id.timestamp.body>" per secret; without a secret there is no signature. CloudEvents 1.0, binary mode: ce-specversion,
// ce-id, ce-type, ce-source (/models/<name>), ce-time (of the event). Answers: targets/answer.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alerts/http_client.h"
#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace alerts {

std::int64_t SystemTime();  // ns since 1970

struct WebhookOptions {
  std::string name;                  // "webhook:<host>" or the configured name
  std::string url;                   // may hold a secret: never logged, never in an error text
  std::vector<std::string> secrets;  // "whsec_<base64>" or plain text; several while one is rotated
  Routing routing;
  std::function<std::int64_t()> clock = SystemTime;  // for webhook-timestamp
};
// Throws std::invalid_argument for a malformed whsec_ secret, without quoting it.
std::shared_ptr<Target> MakeWebhook(WebhookOptions options, std::shared_ptr<HttpClient> http);

// The signature header for one try; exposed for tests and receivers. A plain-text secret is the key as it stands.
// Throws std::invalid_argument for a malformed whsec_ secret.
std::string SignStandardWebhook(const std::vector<std::string>& secrets, const std::string& id,
                                std::int64_t timestamp_s, const std::string& body);

}  // namespace alerts
