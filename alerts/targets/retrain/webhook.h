// A retrain trigger by generic webhook: type `retrain.requested`, the same signature and idempotency key as an alert's
// webhook.
#pragma once

#include <memory>

#include "alerts/targets/webhook.h"

namespace alerts {

// Takes kRetrainRequested events only, for the models and causes of `routing` (severity is not looked at).
std::shared_ptr<Target> MakeRetrainWebhook(WebhookOptions options, std::shared_ptr<HttpClient> http);

}  // namespace alerts
