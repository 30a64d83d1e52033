#include <algorithm>
#include <array>
#include <set>

#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/config_target_kinds.h"
#include "monitor/daemon/config/yaml_values.h"

namespace monitor {
namespace {

constexpr std::array<std::string_view, 5> kNotifyKinds{"slack", "webhook", "alertmanager", "kafka", "command"};
constexpr std::array<std::string_view, 6> kRetrainKinds{"webhook",   "airflow",        "kubeflow",
                                                        "sagemaker", "step_functions", "command"};
constexpr std::array<std::string_view, 10> kNotifyKeys{"slack", "webhook",  "alertmanager", "kafka",  "command",
                                                       "name",  "severity", "models",       "owners", "on"};
constexpr std::array<std::string_view, 13> kRetrainKeys{
    "webhook", "airflow", "kubeflow", "sagemaker",   "step_functions", "command", "name",
    "models",  "on",      "cooldown", "max_per_day", "approve",        "dry_run"};

// The one key of an entry that says what kind of target it is.
std::string KindOf(const YamlMap& entry, Names kinds) {
  std::string kind;
  for (const std::string_view candidate : kinds) {
    if (!entry.Has(candidate)) continue;
    if (!kind.empty())
      entry.Find(candidate)->Fail("an entry has one target, and there already is `" + kind + "`; begin another entry");
    kind = candidate;
  }
  if (kind.empty()) entry.value().Fail("an entry needs a target: " + Join(kinds));
  return kind;
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

std::vector<alerts::Cause> AsCauses(const YamlValue& on) {
  static constexpr std::string_view kCauses[] = {"broken_pipeline", "data_drift", "prediction_drift", "quality_loss",
                                                 "no_data"};
  std::vector<alerts::Cause> causes;
  if (on.IsScalar()) return {alerts::ParseCause(AsChoice(on, kCauses))};
  for (const YamlValue& item : on.Items()) causes.push_back(alerts::ParseCause(AsChoice(item, kCauses)));
  if (causes.empty()) on.Fail("is empty; name causes, or delete the line for its default");
  return causes;
}

NotifyConfig ReadNotify(const YamlValue& value, const Config& config, TargetNames& names) {
  static constexpr std::string_view kSeverities[] = {"info", "warning", "critical"};
  const YamlMap entry(value, kNotifyKeys);
  NotifyConfig notify;
  const std::string kind = KindOf(entry, kNotifyKinds);
  if (kind == "slack") notify.slack = ReadSlack(entry);
  if (kind == "webhook") notify.webhook = ReadWebhook(entry);
  if (kind == "alertmanager") notify.alertmanager = ReadAlertmanager(entry);
  if (kind == "kafka") notify.kafka_topic = ReadKafkaTarget(entry);
  if (kind == "command") notify.command = ReadCommand(entry);
  notify.name = names.Take(entry, kind);
  if (const auto severity = entry.Find("severity"))
    notify.severity = alerts::ParseSeverity(AsChoice(*severity, kSeverities));
  notify.models = ReadModelNames(entry, config);
  if (const auto owners = entry.Find("owners")) notify.owners = AsTexts(*owners);
  if (const auto on = entry.Find("on")) notify.causes = AsCauses(*on);
  return notify;
}

RetrainConfig ReadRetrain(const YamlValue& value, const Config& config, TargetNames& names) {
  static constexpr std::string_view kApprove[] = {"automatic", "manual"};
  const YamlMap entry(value, kRetrainKeys);
  RetrainConfig retrain;
  const std::string kind = KindOf(entry, kRetrainKinds);
  if (kind == "webhook") retrain.webhook = ReadWebhook(entry);
  if (kind == "airflow") retrain.airflow = ReadAirflow(entry);
  if (kind == "kubeflow") retrain.kubeflow = ReadKubeflow(entry);
  if (kind == "sagemaker") retrain.sagemaker = ReadSageMaker(entry);
  if (kind == "step_functions") retrain.step_functions = ReadStepFunctions(entry);
  if (kind == "command") retrain.command = ReadCommand(entry);
  retrain.name = names.Take(entry, "retrain");
  retrain.models = ReadModelNames(entry, config);
  if (const auto on = entry.Find("on")) retrain.causes = AsCauses(*on);
  for (const alerts::Cause cause : retrain.causes) {
    if (cause == alerts::Cause::kBrokenPipeline) {
      entry.Find("on")->Fail(
          "a model is never trained on a broken pipeline; take broken_pipeline out and repair the feed");
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
