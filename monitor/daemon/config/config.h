// Config: the whole configuration as values, with defaults and units in the types. config/monitord.yaml documents every
// key.
//
// ReadConfig resolves `include`, `defaults`, ${env:NAME} and ${file:path} (relative to the file that names them),
// checks every value beside its field and every relation between fields, and throws ConfigError with file, line and
// key: "config.yaml:12: models[0].setp: unknown key; did you mean `step`?". Secrets are read from their files here and
// appear in no message. Pure apart from reading files; no network.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "alerts/cause.h"
#include "alerts/targets/alertmanager.h"
#include "alerts/targets/retrain/airflow.h"
#include "alerts/targets/retrain/aws.h"
#include "alerts/targets/retrain/kubeflow.h"
#include "baselines/profile.h"

namespace monitor {

struct Mapping;
struct LocalSchemas;

class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using Duration = std::chrono::nanoseconds;

// Where the first start of a topic begins to read.
struct StartAt {
  enum class Kind { kEarliest, kLatest, kAgo };
  Kind kind = Kind::kEarliest;
  Duration ago{};  // kAgo: messages not older than this at the first start
};

enum class TimeSource { kEvent, kArrival };

struct RequestsConfig {
  std::string topic;
  std::string responses;  // topic of the responses, where a format has them in one of their own; empty: the same topic
  std::string format = "flat-json";
  std::map<std::string, std::string> fields;    // our name (id, model, version, variant, segment, timestamp, features,
                                                // prediction, score, probabilities) → dotted path
  std::shared_ptr<const Mapping> mapping;       // where `fields` says more than that; else nullptr
  std::shared_ptr<const LocalSchemas> schemas;  // key `schema`; else nullptr
  StartAt start;
  TimeSource time = TimeSource::kEvent;
};

// What it means that no label has come: after `after` it counts as `value`; a label that comes later still corrects.
struct AbsentLabel {
  std::string value;  // class
  Duration after{};
};

struct LabelsConfig {
  std::string topic;  // empty: labels are pushed only
  std::string format = "flat-json";
  std::map<std::string, std::string> fields;
  std::shared_ptr<const Mapping> mapping;
  std::shared_ptr<const LocalSchemas> schemas;
  StartAt start;
  TimeSource time = TimeSource::kEvent;
  Duration max_delay = std::chrono::hours(24 * 14);
  Duration early_ttl = std::chrono::hours(24);
  std::optional<Duration> mature_after;  // until the first cohort is complete; absent: max_delay
  std::optional<AbsentLabel> absent;
};

// A hard limit beside the defaults: fires when the confidence bound of `metric` is beyond it, `for_steps` steps in a
// row.
struct RuleConfig {
  std::string
      metric;  // psi, ks, js, wasserstein, hellinger, tv, linf, effect, missing, unseen; quality metrics (accuracy …)
  std::string feature;  // empty: every feature (drift metrics) or the model (quality metrics)
  std::optional<double> above, below;
  std::optional<double> drop;  // quality metrics: worse than the baseline's by more than this
  int for_steps = 1;
  bool provisional = false;  // quality metrics: also on cohorts whose labels are still coming
  bool operator==(const RuleConfig&) const = default;
};

// `baseline: learn`: how much live traffic makes the baseline.
struct LearnConfig {
  Duration length = std::chrono::hours(24 * 7);  // of event time
  int rows = 10'000;                             // at least; until then it takes longer
};

struct ModelConfig {
  std::string name;
  std::filesystem::path baseline;    // absolute; a file, or a folder of <model>-<version>.baseline.json
  std::optional<LearnConfig> learn;  // instead of `baseline`, which is empty then
  std::string version;               // for records that name none; empty: the baseline's
  RequestsConfig requests;
  std::optional<LabelsConfig> labels;
  std::string positive;                 // empty: the baseline's
  std::optional<baselines::Task> task;  // absent: the baseline's
  std::vector<std::string> classes;     // canonical; order of `probabilities` that come as a list
  Duration window = std::chrono::hours(24);
  Duration step{};  // default: the window
  Duration pane = std::chrono::minutes(5);
  Duration allowed_lateness = std::chrono::minutes(10);
  Duration idle_after = std::chrono::minutes(1);
  Duration max_clock_skew = std::chrono::minutes(5);
  Duration retire_after = std::chrono::hours(24 * 30);  // a version not seen for so long leaves metrics and lists
  double min_effect = 0.1;
  std::map<std::string, double> importances;  // of features, ≥ 0; empty: all alike
  std::vector<RuleConfig> rules;
  std::optional<std::vector<std::string>> missing_values;  // replaces the list of missing texts
  std::string owner;
  std::string runbook;
};

struct SlackConfig {
  std::string url;             // of the incoming webhook; of a bot: of the API, where it is not Slack's own
  std::string token, channel;  // of a bot
};
struct WebhookConfig {
  std::string url;
  std::vector<std::string> secrets;
};

struct NotifyConfig {
  std::string name;  // given, or "slack", "webhook" (numbered from the second of a kind on)
  std::optional<SlackConfig> slack;
  std::optional<WebhookConfig> webhook;
  std::optional<alerts::AlertmanagerOptions> alertmanager;  // name and routing are filled in by MakeTargets, as below
  std::string kafka_topic;
  std::vector<std::string> command;
  alerts::Severity severity = alerts::Severity::kWarning;
  std::vector<std::string> models, owners;
  std::vector<alerts::Cause> causes;  // key `on`; empty: all
};

struct RetrainConfig {
  std::string name;
  std::optional<WebhookConfig> webhook;
  std::optional<alerts::AirflowOptions> airflow;
  std::optional<alerts::KubeflowOptions> kubeflow;
  std::optional<alerts::SageMakerOptions> sagemaker;
  std::optional<alerts::StepFunctionsOptions> step_functions;
  std::vector<std::string> command;
  std::vector<std::string> models;
  std::vector<alerts::Cause> causes{alerts::Cause::kDataDrift, alerts::Cause::kPredictionDrift,
                                    alerts::Cause::kQualityLoss};  // key `on`
  Duration cooldown = std::chrono::hours(24);
  int max_per_day = 1;
  bool manual = true;    // approve: manual
  bool dry_run = false;  // recorded, not sent
};

// Where the schemas of Avro are asked for: HTTP Basic by user and password, or a bearer token.
struct SchemaRegistryConfig {
  std::string url;  // without trailing slash
  std::string user, password, token;
  bool operator==(const SchemaRegistryConfig&) const = default;
};

struct Config {
  std::filesystem::path file;  // absolute
  std::string listen_host = "127.0.0.1";
  int listen_port = 9464;  // 0: a free one, written to state/http.address
  std::filesystem::path state = "/var/lib/monitord";
  std::string external_url;  // without trailing slash; empty: http://<listen>
  std::string brokers;
  std::map<std::string, std::string> kafka_properties;
  std::optional<SchemaRegistryConfig> schema_registry;
  std::vector<ModelConfig> models;
  double expected_false_alarms = 1;
  Duration false_alarms_per = std::chrono::hours(24 * 30);
  bool alarms_over_all = false;
  Duration repeat = std::chrono::hours(24);  // an incident that nobody has acknowledged is told again; 0: never
  std::vector<NotifyConfig> notify;
  std::vector<RetrainConfig> retrain;
  std::uint64_t labels_memory = 512ull << 20;  // bytes
  Duration history = std::chrono::hours(24 * 90);
  std::string dead_letters;   // topic; empty: none
  std::string api_token;      // empty: writing is refused, reading beyond loopback too
  bool open_metrics = false;  // `metrics: {open: true}`: /metrics, /healthz, /readyz need no token beyond loopback
  enum class FeatureSeries { kTop, kAll, kNone };
  FeatureSeries feature_series = FeatureSeries::kTop;
  int feature_series_top = 20;
  int ingest_workers = 1;
};

Config ReadConfig(const std::filesystem::path& file);

// Values with units, as the configuration writes them. `what` (file, line, key) begins the message of the ConfigError.
Duration ParseDuration(const std::string& text, const std::string& what);   // 90s, 15m, 6h, 7d; also 1h30m, 500ms
std::uint64_t ParseSize(const std::string& text, const std::string& what);  // 512MiB, 1GiB, 64KiB, 4096

}  // namespace monitor
