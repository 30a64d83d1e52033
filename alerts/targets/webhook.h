// A generic webhook: the body of ARCHITECTURE 7, signed as Standard Webhooks 1.0.0 says, with CloudEvents headers
// beside.
//
// Headers webhook-id, webhook-timestamp (of the try), webhook-signature = "v1,<base64 HMAC-SHA256 of
// id.timestamp.body>" per secret; without a secret there is no signature. 2xx is success; 3xx, 4xx but 408/425/429 give
// up (410 says that the endpoint is gone); everything else retries.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "alerts/http_client.h"
#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace alerts {

struct WebhookOptions {
  std::string name;  // "webhook:<host>" or the configured name
  std::string url;
  std::vector<std::string> secrets;  // "whsec_<base64>" or plain text; several while one is rotated
  Routing routing;
};
std::shared_ptr<Target> MakeWebhook(WebhookOptions options, std::shared_ptr<HttpClient> http);

// The signature header for one try; exposed for tests and receivers. Throws std::invalid_argument for a malformed
// whsec_ secret.
std::string SignStandardWebhook(const std::vector<std::string>& secrets, const std::string& id,
                                std::int64_t timestamp_s, const std::string& body);

}  // namespace alerts
