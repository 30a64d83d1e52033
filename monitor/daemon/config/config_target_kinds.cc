#include "monitor/daemon/config/config_target_kinds.h"

#include <cstdlib>

#include "alerts/targets/webhook.h"
#include "monitor/daemon/config/yaml_values.h"

namespace monitor {
namespace {

void ReadTexts(const YamlMap& map, std::string_view key, std::map<std::string, std::string>& out) {
  const auto texts = map.Find(key);
  if (!texts) return;
  for (const auto& [name, value] : texts->Entries()) out[name] = value.Text();
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Signs once, so that a secret that cannot sign is known at the start rather than at the first alert.
std::string CheckedSecret(const YamlValue& value, std::string secret) {
  try {
    alerts::SignStandardWebhook({secret}, "check", 0, "");
  } catch (const std::invalid_argument&) {
    value.Fail("is no secret; give plain text, or whsec_ and base64");
  }
  return secret;
}

// Keys of the configuration, or those that every AWS tool takes from the environment.
alerts::AwsAccess ReadAws(const YamlMap& map) {
  alerts::AwsAccess aws;
  aws.region = AsText(map.Need("region"));
  if (aws.region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != aws.region.npos) {
    map.Find("region")->Fail(map.Find("region")->Quoted() + " is no region; write one like eu-central-1");
  }
  aws.access_key = ReadSecret(map, "access_key");
  aws.secret_key = ReadSecret(map, "secret_key");
  aws.session_token = ReadSecret(map, "session_token");
  if (aws.access_key.empty() != aws.secret_key.empty())
    map.value().Fail("needs both `access_key` and `secret_key` (or their _file forms), or neither");
  if (aws.access_key.empty()) {
    aws.access_key = Environment("AWS_ACCESS_KEY_ID");
    aws.secret_key = Environment("AWS_SECRET_ACCESS_KEY");
    aws.session_token = Environment("AWS_SESSION_TOKEN");
  }
  if (aws.access_key.empty() || aws.secret_key.empty()) {
    map.value().Fail(
        "has no credentials; give `access_key_file` and `secret_key_file`, or set AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY");
  }
  if (const auto url = map.Find("url")) aws.url = AsUrl(*url);
  return aws;
}

}  // namespace

SlackConfig ReadSlack(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"url", "url_file", "token", "token_file", "channel", "api_url"};
  const YamlMap slack = entry.Sub("slack", kKeys);
  const auto url = slack.Find("url"), file = slack.Find("url_file");
  SlackConfig config;
  config.token = ReadSecret(slack, "token");
  if (!config.token.empty()) {
    if (url || file) slack.value().Fail("has an incoming webhook and a bot token; give one of them");
    config.channel = AsText(slack.Need("channel"));
    if (const auto api = slack.Find("api_url")) config.url = AsUrl(*api);
    return config;
  }
  if (const auto channel = slack.Find("channel"))
    channel->Fail(
        "belongs to a bot; give its `token_file` as well, or delete the line (a webhook has its own channel)");
  if (const auto api = slack.Find("api_url")) api->Fail("belongs to a bot; give its `token_file` as well");
  if (!url == !file)
    slack.value().Fail(
        "needs the address of an incoming webhook (`url` or `url_file`), or a bot's `token_file` and `channel`");
  if (url) {
    config.url = AsUrl(*url);
    return config;
  }
  // The address is in a file: check it at the place of the key that names the file.
  config.url = AsSecretOfFile(*file);
  if (!config.url.starts_with("https://") && !config.url.starts_with("http://"))
    file->Fail("the file holds no address; it must begin with https:// or http://");
  return config;
}

WebhookConfig ReadWebhook(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"url", "secret", "secret_file", "secrets"};
  const YamlMap map = entry.Sub("webhook", kKeys);
  WebhookConfig webhook;
  webhook.url = AsUrl(map.Need("url"));
  int ways = 0;
  if (const auto secret = map.Find("secret"); secret && ++ways)
    webhook.secrets.push_back(CheckedSecret(*secret, AsText(*secret)));
  if (const auto file = map.Find("secret_file"); file && ++ways)
    webhook.secrets.push_back(CheckedSecret(*file, AsSecretOfFile(*file)));
  if (const auto list = map.Find("secrets"); list && ++ways) {
    for (const YamlValue& secret : list->Items()) webhook.secrets.push_back(CheckedSecret(secret, AsText(secret)));
    if (webhook.secrets.empty())
      list->Fail("is empty; write at least one secret, or delete the line for unsigned messages");
  }
  if (ways > 1) map.value().Fail("has several kinds of secrets; give one of `secret`, `secret_file` and `secrets`");
  return webhook;
}

alerts::AlertmanagerOptions ReadAlertmanager(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"url", "user", "password", "password_file"};
  const YamlMap map = entry.Sub("alertmanager", kKeys);
  alerts::AlertmanagerOptions options;
  options.url = AsUrl(map.Need("url"));
  ReadText(map, "user", options.user);
  options.password = ReadSecret(map, "password");
  return options;
}

std::string ReadKafkaTarget(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"topic"};
  return AsTopic(entry.Sub("kafka", kKeys).Need("topic"));
}

std::vector<std::string> ReadCommand(const YamlMap& entry) {
  const YamlValue command = *entry.Find("command");
  std::vector<std::string> words = AsTexts(command);
  if (words.empty())
    command.Fail("is empty; write a list of the program and its arguments, like [/usr/local/bin/page, --team, ml]");
  return words;
}

alerts::AirflowOptions ReadAirflow(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"url",        "dag",  "api",      "token",
                                               "token_file", "user", "password", "password_file"};
  static constexpr std::string_view kApis[] = {"v2", "v1"};
  const YamlMap map = entry.Sub("airflow", kKeys);
  alerts::AirflowOptions options;
  options.url = AsUrl(map.Need("url"));
  const YamlValue dag = map.Need("dag");
  options.dag = AsText(dag);
  if (options.dag.find_first_of("/?#% \t") != options.dag.npos)
    dag.Fail(dag.Quoted() + " is no DAG; ids have letters, digits, dots, underscores and hyphens");
  if (const auto api = map.Find("api")) options.api = AsChoice(*api, kApis);
  options.token = ReadSecret(map, "token");
  ReadText(map, "user", options.user);
  options.password = ReadSecret(map, "password");
  if (!options.token.empty() && !options.user.empty()) map.value().Fail("has a token and a user; give one of them");
  return options;
}

alerts::KubeflowOptions ReadKubeflow(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"url",           "pipeline_id",     "pipeline_version_id",
                                               "experiment_id", "parameters",      "token_file",
                                               "pipeline_root", "service_account", "token"};
  const YamlMap map = entry.Sub("kubeflow", kKeys);
  alerts::KubeflowOptions options;
  options.url = AsUrl(map.Need("url"));
  options.pipeline_id = AsText(map.Need("pipeline_id"));
  ReadText(map, "pipeline_version_id", options.pipeline_version_id);
  ReadText(map, "experiment_id", options.experiment_id);
  ReadTexts(map, "parameters", options.parameters);
  ReadText(map, "pipeline_root", options.pipeline_root);
  ReadText(map, "service_account", options.service_account);
  options.token = ReadSecret(map, "token");
  return options;
}

alerts::SageMakerOptions ReadSageMaker(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"region",          "access_key",    "access_key_file",    "secret_key",
                                               "secret_key_file", "session_token", "session_token_file", "url",
                                               "pipeline",        "parameters"};
  const YamlMap map = entry.Sub("sagemaker", kKeys);
  alerts::SageMakerOptions options;
  options.pipeline = AsText(map.Need("pipeline"));
  ReadTexts(map, "parameters", options.parameters);
  options.aws = ReadAws(map);
  return options;
}

alerts::StepFunctionsOptions ReadStepFunctions(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"region",          "access_key",    "access_key_file",    "secret_key",
                                               "secret_key_file", "session_token", "session_token_file", "url",
                                               "state_machine"};
  const YamlMap map = entry.Sub("step_functions", kKeys);
  alerts::StepFunctionsOptions options;
  const YamlValue machine = map.Need("state_machine");
  options.state_machine = AsText(machine);
  if (!options.state_machine.starts_with("arn:"))
    machine.Fail(machine.Quoted() + " is no ARN; write arn:aws:states:<region>:<account>:stateMachine:<name>");
  options.aws = ReadAws(map);
  return options;
}

}  // namespace monitor
