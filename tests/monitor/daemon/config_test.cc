// What ReadConfig accepts, and what it makes of it.
#include "monitor/daemon/config/config.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/monitor/daemon/config_files.h"

namespace monitor {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const std::string kMinimal = R"(kafka: {brokers: "localhost:9092"}
models:
  - {name: m, baseline: b.json, requests: {topic: t}}
)";

TEST(ConfigTest, HasTheDocumentedDefaults) {
  const ConfigFolder folder;
  const Config config = folder.Read(kMinimal);
  EXPECT_EQ(config.file, folder.path() / "c.yaml");
  EXPECT_EQ(config.listen_host, "127.0.0.1");
  EXPECT_EQ(config.listen_port, 9464);
  EXPECT_EQ(config.state, "/var/lib/monitord");
  EXPECT_EQ(config.brokers, "localhost:9092");
  EXPECT_EQ(config.expected_false_alarms, 1);
  EXPECT_EQ(config.false_alarms_per, hours(24 * 30));
  EXPECT_FALSE(config.alarms_over_all);
  EXPECT_EQ(config.labels_memory, 512u << 20);
  EXPECT_EQ(config.history, hours(24 * 90));
  EXPECT_EQ(config.feature_series, Config::FeatureSeries::kTop);
  EXPECT_EQ(config.feature_series_top, 20);
  EXPECT_EQ(config.ingest_workers, 1);
  EXPECT_FALSE(config.open_metrics);
  EXPECT_TRUE(config.notify.empty() && config.retrain.empty() && config.dead_letters.empty() &&
              config.api_token.empty());
  ASSERT_EQ(config.models.size(), 1u);
  const ModelConfig& model = config.models[0];
  EXPECT_EQ(model.name, "m");
  EXPECT_EQ(model.baseline, folder.path() / "b.json");
  EXPECT_EQ(model.version, "");
  EXPECT_EQ(model.requests.topic, "t");
  EXPECT_EQ(model.requests.format, "flat-json");
  EXPECT_EQ(model.requests.start.kind, StartAt::Kind::kEarliest);
  EXPECT_EQ(model.requests.time, TimeSource::kEvent);
  EXPECT_FALSE(model.labels);
  EXPECT_EQ(model.window, hours(24));
  EXPECT_EQ(model.step, model.window);
  EXPECT_EQ(model.pane, minutes(5));
  EXPECT_EQ(model.allowed_lateness, minutes(10));
  EXPECT_EQ(model.idle_after, minutes(1));
  EXPECT_EQ(model.retire_after, hours(24 * 30));
  EXPECT_EQ(model.max_clock_skew, minutes(5));
  EXPECT_EQ(model.min_effect, 0.1);
  EXPECT_FALSE(model.missing_values);
}

TEST(ConfigTest, ReadsEveryKey) {
  const ConfigFolder folder;
  folder.Write("token", "t0ken\n");
  folder.Write("slack", "https://hooks.slack.example.com/x\r\n");
  folder.Write("key", "whsec_bW9uaXRvcmQ=\n");
  const Config config = folder.Read(R"(
listen: "[::]:9999"
api_token_file: token
state: state
external_url: https://monitor.example.com//
kafka: {brokers: "a:1,b:2", properties: {client.id: x, queued.min.messages: 5}}
ingest: {workers: 3}
metrics: {features: top:7, open: true}
alarms: {expected_false_alarms: 0.5, per: 7d, over: all}
labels_memory: 1GiB
history: 30d
dead_letters: rejects
models:
  - name: m
    baseline: ../)" + folder.path().filename().string() +
                                    R"(/b.json
    version: 2
    requests: {topic: t, format: flat-json, fields: {id: uid, features: payload.x}, start: 7d, time: arrival}
    labels: {topic: l, start: latest, fields: {label: truth}, max_delay: 3d, early_ttl: 0s}
    positive: True
    window: 2h
    step: 30m
    pane: 10m
    allowed_lateness: 0s
    idle_after: 5s
    max_clock_skew: 0s
    min_effect: 0.3
    importances: {f: 2, g: 0.5}
    missing_values: [nil, "-"]
    rules:
      - {metric: psi, feature: f, above: 0.25, for: 2}
      - {metric: accuracy, below: 0.75}
      - {metric: auc, drop: 0.05, provisional: true}
    task: multi-class
    classes: [a, 1.0, "TRUE"]
    owner: "#us"
    runbook: https://wiki
notify:
  - slack: {url_file: slack}
  - {webhook: {url: "http://h/1", secret: plain}, severity: critical, models: m}
  - {webhook: {url: "http://h/2", secret_file: key}, severity: info, models: [m]}
  - {webhook: {url: "http://h/3", secrets: [a, b]}, name: third}
  - {webhook: {url: "http://h/4"}}
retrain:
  - webhook: {url: "http://h/5"}
  - {webhook: {url: "http://h/6"}, models: [m], on: [no_data], cooldown: 0s, max_per_day: 9, approve: manual, name: r}
)");
  EXPECT_EQ(config.listen_host, "::");
  EXPECT_EQ(config.listen_port, 9999);
  EXPECT_EQ(config.api_token, "t0ken");
  EXPECT_EQ(config.state, folder.path() / "state");
  EXPECT_EQ(config.external_url, "https://monitor.example.com");
  EXPECT_EQ(config.kafka_properties,
            (std::map<std::string, std::string>{{"client.id", "x"}, {"queued.min.messages", "5"}}));
  EXPECT_EQ(config.ingest_workers, 3);
  EXPECT_EQ(config.feature_series_top, 7);
  EXPECT_TRUE(config.open_metrics && config.alarms_over_all);
  EXPECT_EQ(config.expected_false_alarms, 0.5);
  EXPECT_EQ(config.false_alarms_per, hours(24 * 7));
  EXPECT_EQ(config.labels_memory, 1ull << 30);
  EXPECT_EQ(config.history, hours(24 * 30));
  EXPECT_EQ(config.dead_letters, "rejects");
  const ModelConfig& model = config.models.at(0);
  EXPECT_EQ(model.baseline, folder.path() / "b.json");
  EXPECT_EQ(model.version, "2");
  EXPECT_EQ(model.requests.fields, (std::map<std::string, std::string>{{"features", "payload.x"}, {"id", "uid"}}));
  EXPECT_EQ(model.requests.start.kind, StartAt::Kind::kAgo);
  EXPECT_EQ(model.requests.start.ago, hours(24 * 7));
  EXPECT_EQ(model.requests.time, TimeSource::kArrival);
  ASSERT_TRUE(model.labels);
  EXPECT_EQ(model.labels->topic, "l");
  EXPECT_EQ(model.labels->start.kind, StartAt::Kind::kLatest);
  EXPECT_EQ(model.labels->fields.at("label"), "truth");
  EXPECT_EQ(model.labels->max_delay, hours(72));
  EXPECT_EQ(model.labels->early_ttl, seconds(0));
  EXPECT_EQ(model.positive, "true");  // as every class is written
  EXPECT_EQ(model.window, hours(2));
  EXPECT_EQ(model.step, minutes(30));
  EXPECT_EQ(model.pane, minutes(10));
  EXPECT_EQ(model.allowed_lateness, seconds(0));
  EXPECT_EQ(model.idle_after, seconds(5));
  EXPECT_EQ(model.max_clock_skew, seconds(0));
  EXPECT_EQ(model.min_effect, 0.3);
  EXPECT_EQ(model.importances, (std::map<std::string, double>{{"f", 2}, {"g", 0.5}}));
  EXPECT_EQ(model.missing_values, (std::vector<std::string>{"nil", "-"}));
  EXPECT_EQ(model.rules, (std::vector<RuleConfig>{{"psi", "f", 0.25, {}, {}, 2, false},
                                                  {"accuracy", "", {}, 0.75, {}, 1, false},
                                                  {"auc", "", {}, {}, 0.05, 1, true}}));
  EXPECT_EQ(model.task, baselines::Task::kMultiClass);
  EXPECT_EQ(model.classes, (std::vector<std::string>{"a", "1", "true"}));
  EXPECT_EQ(model.owner, "#us");
  EXPECT_EQ(model.runbook, "https://wiki");
  ASSERT_EQ(config.notify.size(), 5u);
  EXPECT_EQ(config.notify[0].slack->url, "https://hooks.slack.example.com/x");
  EXPECT_EQ(config.notify[1].webhook->secrets, std::vector<std::string>{"plain"});
  EXPECT_EQ(config.notify[1].severity, alerts::Severity::kCritical);
  EXPECT_EQ(config.notify[1].models, std::vector<std::string>{"m"});
  EXPECT_EQ(config.notify[2].webhook->secrets, std::vector<std::string>{"whsec_bW9uaXRvcmQ="});
  EXPECT_EQ(config.notify[3].webhook->secrets, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(config.notify[4].webhook->secrets.empty());
  std::vector<std::string> names;
  for (const NotifyConfig& notify : config.notify) names.push_back(notify.name);
  EXPECT_EQ(names, (std::vector<std::string>{"slack", "webhook", "webhook-2", "third", "webhook-3"}));
  ASSERT_EQ(config.retrain.size(), 2u);
  EXPECT_EQ(config.retrain[0].name, "retrain");
  EXPECT_EQ(config.retrain[0].causes.size(), 3u);
  EXPECT_TRUE(config.retrain[0].manual);
  EXPECT_FALSE(config.retrain[0].dry_run);
  EXPECT_EQ(config.retrain[1].name, "r");
  EXPECT_EQ(config.retrain[1].causes, std::vector<alerts::Cause>{alerts::Cause::kNoData});
  EXPECT_EQ(config.retrain[1].cooldown, seconds(0));
  EXPECT_EQ(config.retrain[1].max_per_day, 9);
  EXPECT_TRUE(config.retrain[1].manual);
}

TEST(ConfigTest, DefaultsStandBehindEveryModelKeyByKey) {
  const ConfigFolder folder;
  const Config config = folder.Read(R"(
kafka: {brokers: b}
defaults:
  window: 7d
  step: 1d
  baseline: b.json
  requests: {topic: shared, time: arrival}
  labels: {max_delay: 1d}
models:
  - {name: one}
  - {name: two, step: 12h, requests: {topic: own}, labels: {topic: l}}
)");
  const ModelConfig &one = config.models.at(0), &two = config.models.at(1);
  EXPECT_EQ(one.requests.topic, "shared");
  EXPECT_EQ(two.requests.topic, "own");
  EXPECT_EQ(two.requests.time, TimeSource::kArrival);
  EXPECT_EQ(one.step, hours(24));
  EXPECT_EQ(two.step, hours(12));
  EXPECT_EQ(two.window, hours(24 * 7));
  EXPECT_FALSE(one.labels);
  EXPECT_EQ(two.labels->max_delay, hours(24));
}

TEST(ConfigTest, IncludesFilesInTheOrderOfTheirNamesRelativeToThemselves) {
  const ConfigFolder folder;
  folder.Write("models.d/b.json", "{}");
  folder.Write("models.d/2.yaml", "models: [{name: two, baseline: b.json, requests: {topic: t}}]");
  folder.Write("models.d/1.yaml", "models: [{name: one, baseline: ../b.json, requests: {topic: t}}]");
  const Config config = folder.Read(
      "kafka: {brokers: b}\ninclude: [models.d/*.yaml, none.d/*.yaml, models.d/1.yaml]\n"
      "models: [{name: zero, baseline: b.json, requests: {topic: t}}]\ndefaults: {pane: 1m}\n");
  ASSERT_EQ(config.models.size(), 3u);
  EXPECT_EQ(config.models[1].name, "one");
  EXPECT_EQ(config.models[1].baseline, folder.path() / "b.json");
  EXPECT_EQ(config.models[2].baseline, folder.path() / "models.d/b.json");
  EXPECT_EQ(config.models[2].pane, minutes(1));
}

TEST(ConfigTest, FillsInTheEnvironmentAndFiles) {
  const ConfigFolder folder;
  setenv("MONITORD_TEST_BROKER", "broker", 1);
  setenv("MONITORD_TEST_EMPTY", "", 1);
  folder.Write("secrets/password", "${env:NOT_LOOKED_AT}\n");
  const Config config = folder.Read(R"(
kafka:
  brokers: ${env:MONITORD_TEST_BROKER}-1:9092,${env:MONITORD_TEST_BROKER}-2:9092
  properties: {sasl.password: "${file:secrets/password}", a: "$${x}", b: "x${env:MONITORD_TEST_EMPTY}y", c: $5}
models: [{name: m, baseline: b.json, requests: {topic: t}}]
)");
  EXPECT_EQ(config.brokers, "broker-1:9092,broker-2:9092");
  EXPECT_EQ(config.kafka_properties.at("sasl.password"), "${env:NOT_LOOKED_AT}");
  EXPECT_EQ(config.kafka_properties.at("a"), "${x}");
  EXPECT_EQ(config.kafka_properties.at("b"), "xy");
  EXPECT_EQ(config.kafka_properties.at("c"), "$5");
}

TEST(ConfigTest, AcceptsAFolderAsBaselineAndEmptyLists) {
  const ConfigFolder folder;
  std::filesystem::create_directory(folder.path() / "baselines");
  const Config config = folder.Read(
      "kafka: {brokers: b}\nnotify:\nretrain: []\ninclude:\nmodels: [{name: m, baseline: baselines, rules: , requests: "
      "{topic: t, fields: }}]\n");
  EXPECT_EQ(config.models.at(0).baseline, folder.path() / "baselines");
  EXPECT_TRUE(config.notify.empty());
}

TEST(ConfigTest, TheReferenceIsItselfAValidConfiguration) {
  const ConfigFolder folder;
  const std::string text = ReferenceConfig();
  ASSERT_FALSE(text.empty());
  folder.Write("flights-1.baseline.json", "{}");
  EXPECT_EQ(folder.Fault(text), "");
  const Config config = folder.Read(text);
  EXPECT_EQ(config.models.at(0).name, "flights");
  std::vector<std::string> names;
  for (const NotifyConfig& notify : config.notify) names.push_back(notify.name);
  EXPECT_EQ(names, (std::vector<std::string>{"slack", "slack-bot", "webhook", "alertmanager", "kafka", "command"}));
  EXPECT_EQ(config.notify[0].owners, std::vector<std::string>{"#team-flights"});
  EXPECT_EQ(config.notify[0].causes.size(), 5u);
  EXPECT_EQ(config.notify[1].slack->channel, "#alerts");
  EXPECT_EQ(config.notify[5].command.size(), 3u);
  ASSERT_EQ(config.retrain.size(), 6u);
  EXPECT_EQ(config.retrain[1].airflow->api, "v2");
  EXPECT_EQ(config.retrain[2].kubeflow->parameters.at("model"), "{model}");
  EXPECT_EQ(config.retrain[3].sagemaker->aws.access_key, "AKIDEXAMPLE");
  EXPECT_TRUE(config.retrain[4].step_functions && !config.retrain[5].command.empty());
}

// What the reference states as defaults is what a file without them gets.
TEST(ConfigTest, TheReferenceStatesTheDefaults) {
  const ConfigFolder folder;
  const std::string text = ReferenceConfig();
  folder.Write("flights-1.baseline.json", "{}");
  const Config stated = folder.Read(text), plain = folder.Read(kMinimal);
  EXPECT_EQ(stated.listen_host, plain.listen_host);
  EXPECT_EQ(stated.listen_port, plain.listen_port);
  EXPECT_EQ(stated.state, plain.state);
  EXPECT_EQ(stated.labels_memory, plain.labels_memory);
  EXPECT_EQ(stated.history, plain.history);
  EXPECT_EQ(stated.ingest_workers, plain.ingest_workers);
  EXPECT_EQ(stated.feature_series_top, plain.feature_series_top);
  EXPECT_EQ(stated.open_metrics, plain.open_metrics);
  EXPECT_EQ(stated.expected_false_alarms, plain.expected_false_alarms);
  EXPECT_EQ(stated.false_alarms_per, plain.false_alarms_per);
  EXPECT_EQ(stated.alarms_over_all, plain.alarms_over_all);
  EXPECT_EQ(stated.repeat, plain.repeat);
  const ModelConfig &model = stated.models.at(0), &other = plain.models.at(0);
  EXPECT_EQ(model.pane, other.pane);
  EXPECT_EQ(model.allowed_lateness, other.allowed_lateness);
  EXPECT_EQ(model.idle_after, other.idle_after);
  EXPECT_EQ(model.retire_after, other.retire_after);
  EXPECT_EQ(model.max_clock_skew, other.max_clock_skew);
  EXPECT_EQ(model.min_effect, other.min_effect);
  EXPECT_EQ(model.labels->max_delay, LabelsConfig().max_delay);
  EXPECT_EQ(model.labels->early_ttl, LabelsConfig().early_ttl);
  EXPECT_EQ(stated.retrain.at(0).causes, RetrainConfig().causes);
  EXPECT_EQ(stated.retrain.at(0).cooldown, RetrainConfig().cooldown);
  EXPECT_EQ(stated.retrain.at(0).max_per_day, RetrainConfig().max_per_day);
  EXPECT_EQ(stated.retrain.at(0).manual, RetrainConfig().manual);
  EXPECT_EQ(stated.retrain.at(0).dry_run, RetrainConfig().dry_run);
}

TEST(ConfigTest, ABaselineMayBeLearnt) {
  const ConfigFolder folder;
  const std::string head = "kafka: {brokers: b}\nmodels:\n- name: m\n  requests: {topic: t}\n";
  const ModelConfig plain = folder.Read(head + "  baseline: learn\n").models.at(0);
  EXPECT_EQ(plain.learn->length, std::chrono::hours(24 * 7));
  EXPECT_EQ(plain.learn->rows, 10'000);
  const ModelConfig given = folder.Read(head + "  baseline: learn\n  learn: {for: 36h, rows: 500}\n").models.at(0);
  EXPECT_EQ(given.learn->length, std::chrono::hours(36));
  EXPECT_EQ(given.learn->rows, 500);
  EXPECT_EQ(folder.Fault(head + "  baseline: b.json\n  learn: {rows: 500}\n"),
            "c.yaml:6: models[0].learn: belongs to `baseline: learn`; delete one of them");
  EXPECT_EQ(folder.Fault(head + "  baseline: learn\n  learn: {rows: 5}\n"),
            "c.yaml:6: models[0].learn.rows: `5` does not fit; write a whole number from 100 to 1000000");
}

}  // namespace
}  // namespace monitor
