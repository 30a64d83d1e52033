// Slack by incoming webhook: one message per transition of an incident, blocks within Slack's limits (50 blocks, 3,000
// characters a section, 150 a header, 13,000 in all), text escaped, `text` as the fallback. Answers: targets/answer.h;
// Slack's word for a refusal ("no_service") is part of the error.
#pragma once

#include <memory>
#include <string>

#include "alerts/http_client.h"
#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace alerts {

struct SlackOptions {
  std::string name;  // "slack" or the configured name
  std::string url;   // secret: never logged, never in an error text
  Routing routing;
};
std::shared_ptr<Target> MakeSlack(SlackOptions options, std::shared_ptr<HttpClient> http);

// The payload of the message: a deterministic function of the event; exposed for tests.
std::string SlackBody(const IncidentEvent& event);

}  // namespace alerts
