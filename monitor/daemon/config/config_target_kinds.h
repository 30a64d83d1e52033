// What each kind of target needs: the mapping under its key (`slack: {…}`) as values. Secrets are read from their files
// here. All throw ConfigError.
#pragma once

#include <string>
#include <vector>

#include "monitor/daemon/config/config.h"
#include "monitor/daemon/config/yaml_reader.h"

namespace monitor {

SlackConfig ReadSlack(const YamlMap& entry);
WebhookConfig ReadWebhook(const YamlMap& entry);
alerts::AlertmanagerOptions ReadAlertmanager(const YamlMap& entry);
std::string ReadKafkaTarget(const YamlMap& entry);           // the topic
std::vector<std::string> ReadCommand(const YamlMap& entry);  // a program and its arguments
alerts::AirflowOptions ReadAirflow(const YamlMap& entry);
alerts::KubeflowOptions ReadKubeflow(const YamlMap& entry);
alerts::SageMakerOptions ReadSageMaker(const YamlMap& entry);
alerts::StepFunctionsOptions ReadStepFunctions(const YamlMap& entry);

}  // namespace monitor
