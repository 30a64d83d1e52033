// Slack by bot token: one message per incident that is updated in place as the incident evolves, with a thread reply
// for each later transition.
//
// chat.postMessage for the first transition; afterwards chat.update of the same message (its time stamp is remembered
// across restarts) and chat.postMessage into its thread. At most one call a second and channel: Slack's limit for
// messages. An answer with "ok": false is a failure even with status 200: what Slack says will pass (ratelimited,
// internal_error …) is tried again, the rest given up; a message that cannot be updated any more is posted anew. A try
// that is repeated after its answer was lost may post twice.
#pragma once

#include <memory>
#include <string>

#include "alerts/http_client.h"
#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace alerts {

struct SlackBotOptions {
  std::string name;   // "slack" or the configured name
  std::string token;  // secret: never logged, never in an error text
  std::string channel;
  Routing routing;
  std::string url = "https://slack.com/api";
};
std::shared_ptr<Target> MakeSlackBot(SlackBotOptions options, std::shared_ptr<HttpClient> http);

}  // namespace alerts
