#include <algorithm>
#include <array>
#include <set>

#include "alerts/targets/webhook.h"
#include "monitor/daemon/config_parts.h"
#include "monitor/daemon/yaml_values.h"

namespace monitor {
namespace {

constexpr std::array<std::string_view, 5> kNotifyKinds{"slack", "webhook", "alertmanager", "kafka", "command"};
constexpr std::array<std::string_view, 6> kRetrainKinds{"webhook",   "airflow",        "kubeflow",
                                                        "sagemaker", "step_functions", "command"};
constexpr std::array<std::string_view, 8> kNotifyKeys{"slack",   "webhook", "alertmanager", "kafka",
                                                      "command", "name",    "severity",     "models"};
constexpr std::array<std::string_view, 13> kRetrainKeys{
    "webhook", "airflow", "kubeflow", "sagemaker", "step_functions", "command",
    "name",    "models",  "on",       "cooldown",  "max_per_day",    "approve",
    "dry_run"};

// The one key of an entry that says what kind of target it is. Kinds of later versions are refused by name.
std::string KindOf(const YamlMap& entry, Names kinds, Names supported) {
  std::string kind;
  for (const std::string_view candidate : kinds) {
    if (!entry.Has(candidate)) continue;
    if (!kind.empty())
      entry.Find(candidate)->Fail("an entry has one target, and there already is `" + kind + "`; begin another entry");
    kind = candidate;
  }
  if (kind.empty()) entry.value().Fail("an entry needs a target; this version knows " + Join(supported));
  if (std::find(supported.begin(), supported.end(), kind) == supported.end()) {
    entry.Find(kind)->Fail("this version does not know the target `" + kind + "`; it knows " + Join(supported));
  }
  return kind;
}

SlackConfig ReadSlack(const YamlMap& entry) {
  static constexpr std::string_view kKeys[] = {"url", "url_file", "token", "token_file", "channel"};
  const YamlMap slack = entry.Sub("slack", kKeys);
  for (const std::string_view key : {"token", "token_file", "channel"}) {
    if (const auto value = slack.Find(key))
      value->Fail(
          "this version does not know Slack by bot token; give the `url` of an incoming webhook, or `url_file`");
  }
  const auto url = slack.Find("url"), file = slack.Find("url_file");
  if (!url == !file) slack.value().Fail("needs the address of an incoming webhook; give either `url` or `url_file`");
  if (url) return {AsUrl(*url)};
  // The address is in a file: check it at the place of the key that names the file.
  std::string text = AsSecretOfFile(*file);
  if (!text.starts_with("https://") && !text.starts_with("http://"))
    file->Fail("the file holds no address; it must begin with https:// or http://");
  return {std::move(text)};
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

std::vector<std::string> ReadModelNames(const YamlMap& entry, const Config& config) {
  const auto list = entry.Find("models");
  if (!list) return {};
  std::vector<std::string_view> known;
  for (const ModelConfig& model : config.models) known.push_back(model.name);
  if (list->IsScalar()) return {AsChoice(*list, known)};
  std::vector<std::string> names;
  for (const YamlValue& item : list->Items()) names.push_back(AsChoice(item, known));
  if (names.empty()) list->Fail("is empty; name models, or delete the line for all of them");
  return names;
}

// Names are what /metrics and the outbox know a target by: given, or the kind, numbered from the second of a kind on.
class TargetNames {
 public:
  std::string Take(const YamlMap& entry, const std::string& kind) {
    if (const auto given = entry.Find("name")) {
      std::string name = AsText(*given);
      if (!taken_.insert(name).second)
        given->Fail("there already is a target `" + name + "`; give one of them another name");
      return name;
    }
    const int number = ++counts_[kind];
    std::string name = number == 1 ? kind : kind + "-" + std::to_string(number);
    if (!taken_.insert(name).second)
      entry.value().Fail("another target is called `" + name + "`; give this one a `name`");
    return name;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> counts_;
};

NotifyConfig ReadNotify(const YamlValue& value, const Config& config, TargetNames& names) {
  static constexpr std::string_view kSupported[] = {"slack", "webhook"};
  static constexpr std::string_view kSeverities[] = {"info", "warning", "critical"};
  const YamlMap entry(value, kNotifyKeys);
  NotifyConfig notify;
  const std::string kind = KindOf(entry, kNotifyKinds, kSupported);
  if (kind == "slack") notify.slack = ReadSlack(entry);
  if (kind == "webhook") notify.webhook = ReadWebhook(entry);
  notify.name = names.Take(entry, kind);
  if (const auto severity = entry.Find("severity"))
    notify.severity = alerts::ParseSeverity(AsChoice(*severity, kSeverities));
  notify.models = ReadModelNames(entry, config);
  return notify;
}

std::vector<alerts::Cause> AsCauses(const YamlValue& on) {
  static constexpr std::string_view kCauses[] = {"broken_pipeline", "data_drift", "prediction_drift", "quality_loss",
                                                 "no_data"};
  std::vector<alerts::Cause> causes;
  if (on.IsScalar()) return {alerts::ParseCause(AsChoice(on, kCauses))};
  for (const YamlValue& item : on.Items()) causes.push_back(alerts::ParseCause(AsChoice(item, kCauses)));
  if (causes.empty()) on.Fail("is empty; name causes, or delete the line for its default");
  return causes;
}

RetrainConfig ReadRetrain(const YamlValue& value, const Config& config, TargetNames& names) {
  static constexpr std::string_view kSupported[] = {"webhook"};
  static constexpr std::string_view kApprove[] = {"automatic", "manual"};
  const YamlMap entry(value, kRetrainKeys);
  RetrainConfig retrain;
  KindOf(entry, kRetrainKinds, kSupported);
  retrain.webhook = ReadWebhook(entry);
  retrain.name = names.Take(entry, "retrain");
  retrain.models = ReadModelNames(entry, config);
  if (const auto on = entry.Find("on")) retrain.causes = AsCauses(*on);
  for (const alerts::Cause cause : retrain.causes) {
    if (cause == alerts::Cause::kBrokenPipeline) {
      entry.Find("on")->Fail("a model is never trained on a broken pipeline; take broken_pipeline out and repair the feed");
    }
  }
  ReadDuration(entry, "cooldown", retrain.cooldown);
  ReadInteger(entry, "max_per_day", 1, 1'000, retrain.max_per_day);
  ReadBool(entry, "dry_run", retrain.dry_run);
  if (const auto approve = entry.Find("approve")) retrain.manual = AsChoice(*approve, kApprove) == "manual";
  return retrain;
}

}  // namespace

void ReadTargets(const YamlMap& root, Config& config) {
  TargetNames names;
  if (const auto notify = root.Find("notify")) {
    for (const YamlValue& entry : notify->Items()) config.notify.push_back(ReadNotify(entry, config, names));
  }
  if (const auto retrain = root.Find("retrain")) {
    for (const YamlValue& entry : retrain->Items()) config.retrain.push_back(ReadRetrain(entry, config, names));
  }
}

}  // namespace monitor
