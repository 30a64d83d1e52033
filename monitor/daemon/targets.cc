#include "monitor/daemon/targets.h"

#include "alerts/targets/command.h"
#include "alerts/targets/retrain/webhook.h"
#include "alerts/targets/slack.h"
#include "alerts/targets/slack_bot.h"
#include "alerts/targets/webhook.h"
#include "monitor/daemon/kafka_target.h"

namespace monitor {
namespace {

// Options that were read from the configuration, with what belongs to the entry.
template <typename Options>
Options Named(Options options, const std::string& name, const alerts::Routing& routing) {
  options.name = name;
  options.routing = routing;
  return options;
}

std::shared_ptr<alerts::Target> MakeSlackTarget(const SlackConfig& slack, const std::string& name,
                                                const alerts::Routing& routing,
                                                const std::shared_ptr<alerts::HttpClient>& http) {
  if (slack.token.empty()) return alerts::MakeSlack({name, slack.url, routing}, http);
  alerts::SlackBotOptions bot{name, slack.token, slack.channel, routing};
  if (!slack.url.empty()) bot.url = slack.url;
  return alerts::MakeSlackBot(std::move(bot), http);
}

}  // namespace

std::vector<std::shared_ptr<alerts::Target>> MakeTargets(const Config& config,
                                                         const std::shared_ptr<alerts::HttpClient>& http) {
  std::vector<std::shared_ptr<alerts::Target>> targets;
  for (const NotifyConfig& notify : config.notify) {
    const alerts::Routing routing{notify.severity, notify.models, notify.causes, notify.owners};
    if (notify.slack) targets.push_back(MakeSlackTarget(*notify.slack, notify.name, routing, http));
    if (notify.webhook)
      targets.push_back(
          alerts::MakeWebhook({notify.name, notify.webhook->url, notify.webhook->secrets, routing}, http));
    if (notify.alertmanager) {
      alerts::AlertmanagerOptions options = Named(*notify.alertmanager, notify.name, routing);
      options.clock = alerts::SystemTime;
      targets.push_back(alerts::MakeAlertmanager(std::move(options), http));
    }
    if (!notify.kafka_topic.empty())
      targets.push_back(MakeKafkaTarget(config, notify.name, notify.kafka_topic, routing));
    if (!notify.command.empty()) targets.push_back(alerts::MakeCommand({notify.name, notify.command, routing}));
  }
  for (const RetrainConfig& retrain : config.retrain) {
    const alerts::Routing routing{alerts::Severity::kInfo, retrain.models, retrain.causes, {}};
    if (retrain.webhook)
      targets.push_back(
          alerts::MakeRetrainWebhook({retrain.name, retrain.webhook->url, retrain.webhook->secrets, routing}, http));
    if (retrain.airflow) targets.push_back(alerts::MakeAirflow(Named(*retrain.airflow, retrain.name, routing), http));
    if (retrain.kubeflow)
      targets.push_back(alerts::MakeKubeflow(Named(*retrain.kubeflow, retrain.name, routing), http));
    if (retrain.sagemaker)
      targets.push_back(alerts::MakeSageMaker(Named(*retrain.sagemaker, retrain.name, routing), http));
    if (retrain.step_functions)
      targets.push_back(alerts::MakeStepFunctions(Named(*retrain.step_functions, retrain.name, routing), http));
    if (!retrain.command.empty())
      targets.push_back(alerts::MakeCommand({retrain.name, retrain.command, routing, true}));
  }
  return targets;
}

}  // namespace monitor
