#include "monitor/daemon/targets.h"

#include "alerts/targets/retrain/webhook.h"
#include "alerts/targets/slack.h"
#include "alerts/targets/webhook.h"

namespace monitor {

std::vector<std::shared_ptr<alerts::Target>> MakeTargets(const Config& config, const std::shared_ptr<alerts::HttpClient>& http) {
  std::vector<std::shared_ptr<alerts::Target>> targets;
  for (const NotifyConfig& notify : config.notify) {
    const alerts::Routing routing{notify.severity, notify.models, {}};
    if (notify.slack) targets.push_back(alerts::MakeSlack({notify.name, notify.slack->url, routing}, http));
    if (notify.webhook) targets.push_back(alerts::MakeWebhook({notify.name, notify.webhook->url, notify.webhook->secrets, routing}, http));
  }
  for (const RetrainConfig& retrain : config.retrain) {
    const alerts::Routing routing{alerts::Severity::kInfo, retrain.models, retrain.causes};
    targets.push_back(alerts::MakeRetrainWebhook({retrain.name, retrain.webhook.url, retrain.webhook.secrets, routing}, http));
  }
  return targets;
}

}  // namespace monitor
