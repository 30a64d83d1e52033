// Alertmanager: an incident as one alert of its API v2; mail, Teams and PagerDuty are its job.
//
// POST <url>/api/v2/alerts with labels alertname (ModelDataDrift …), model, variant, cause, severity and incident, the
// rest as annotations. A firing alert ends three send intervals after it was sent and is sent again every interval (1
// min), as Prometheus does, so that it neither resolves by itself while we live nor stays for ever if we die. A
// resolution, and the old severity of an incident whose severity changed, are sent with the end in the past. What is
// firing is remembered across restarts (Target::Recall).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "alerts/http_client.h"
#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace alerts {

struct AlertmanagerOptions {
  std::string name;            // "alertmanager" or the configured name
  std::string url;             // without /api/v2; may hold a secret: never logged, never in an error text
  std::string user, password;  // HTTP Basic; empty: none
  Routing routing;
  std::function<std::int64_t()> clock;  // wall clock, ns
};
std::shared_ptr<Target> MakeAlertmanager(AlertmanagerOptions options, std::shared_ptr<HttpClient> http);

}  // namespace alerts
