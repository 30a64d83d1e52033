// Bad configurations: each gives one message that begins with file, line and key, and says what to do.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/monitor/daemon/config_files.h"

namespace monitor {
namespace {

struct BadCase {
  const char* name;
  std::string text;
  std::string message;  // the beginning of it
};

void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }

const std::string kHead = "kafka: {brokers: b}\n";
// A model whose lines begin in line 2; `more` begins in line 6.
std::string Model(const std::string& more) {
  return kHead + "models:\n  - name: m\n    baseline: b.json\n    requests: {topic: t}\n" + more;
}
// A sound model in line 2; `more` begins in line 3.
std::string Root(const std::string& more) {
  return kHead + "models: [{name: m, baseline: b.json, requests: {topic: t}}]\n" + more;
}

// A model in line 2 whose requests have `more` besides their topic.
std::string Requests(const std::string& more) {
  return kHead + "models: [{name: m, baseline: b.json, requests: {topic: t, " + more + "}}]\n";
}

class ConfigErrors : public testing::TestWithParam<BadCase> {};

TEST_P(ConfigErrors, NamesFileLineAndKey) {
  const ConfigFolder folder;
  const std::string fault = folder.Fault(GetParam().text);
  EXPECT_TRUE(fault.starts_with(GetParam().message)) << "expected: " << GetParam().message << "\ngot:      " << fault;
  EXPECT_EQ(fault.find('\n'), std::string::npos);
}

const BadCase kBadCases[] = {
    // the file as a whole
    {"empty", "", "c.yaml: the file is empty;"},
    {"only_comments", "# nothing\n---\n", "c.yaml: the file is empty;"},
    {"list", "- a\n- b\n", "c.yaml:1: the file is a list; it must be a mapping"},
    {"text", "hello\n", "c.yaml:1: the file is a text; it must be a mapping"},
    {"no_yaml", "kafka: {brokers: b}\nmodels: [\n", "c.yaml:"},
    {"tab", "kafka:\n\tbrokers: b\n", "c.yaml:2: no valid YAML: "},
    {"two_documents", Root("---\na: b\n"), "c.yaml:3: something follows the end of the YAML document"},
    {"control_character", "kafka: {brokers: b}\nx: \x01\n", "c.yaml:2: holds a control character"},
    {"latin1", "kafka: {brokers: b}\n# caf\xe9\n", "c.yaml:2: is not UTF-8"},
    {"key_is_a_list", Root("[a, b]: c\n"), "c.yaml:3: a key is a list"},
    // keys
    {"unknown_root_key", Root("lisen: 127.0.0.1:1\n"), "c.yaml:3: lisen: unknown key; did you mean `listen`?"},
    {"unknown_model_key", Model("    setp: 1d\n"), "c.yaml:6: models[0].setp: unknown key; did you mean `step`?"},
    {"unknown_nested_key", Model("    labels: {topic: l, max_dealy: 1d}\n"),
     "c.yaml:6: models[0].labels.max_dealy: unknown key; did you mean `max_delay`?"},
    {"unknown_key_unlike_any", Root("metrics: {colour: blue}\n"),
     "c.yaml:3: metrics.colour: unknown key; known are features, open"},
    {"model_key_at_root", Root("pane: 5m\n"),
     "c.yaml:3: pane: is a key of a model; write it under an entry of `models`, or under `defaults`"},
    {"duplicate_key", Root("history: 1d\nhistory: 2d\n"),
     "c.yaml:4: history: is given twice, first in line 3; delete one of them"},
    {"duplicate_nested", kHead + "models:\n  - name: m\n    name: n\n",
     "c.yaml:4: models[0].name: is given twice, first in line 3"},
    {"duplicate_property",
     "kafka:\n  brokers: b\n  properties: {a: 1, a: 2}\nmodels: [{name: m, baseline: b.json, requests: {topic: t}}]\n",
     "c.yaml:3: kafka.properties.a: is given twice"},
    {"unknown_default", Root("defaults: {widnow: 1d}\n"),
     "c.yaml:3: defaults.widnow: unknown key; did you mean `window`?"},
    {"default_name", Root("defaults: {name: x}\n"), "c.yaml:3: defaults.name: every model has a name of its own"},
    // what is required
    {"no_brokers", "models: []\n", "c.yaml: kafka.brokers: is required; add it"},
    {"kafka_without_brokers", "listen: 127.0.0.1:1\nkafka: {properties: {}}\n", "c.yaml:2: kafka.brokers: is required"},
    {"no_models", kHead, "c.yaml: models: there are no models; add one"},
    {"no_name", kHead + "models:\n  - baseline: b.json\n", "c.yaml:3: models[0].name: is required"},
    {"no_baseline", kHead + "models:\n  - {name: m, requests: {topic: t}}\n",
     "c.yaml:3: models[0].baseline: is required"},
    {"no_topic", kHead + "models:\n  - name: m\n    baseline: b.json\n    requests: {start: latest}\n",
     "c.yaml:5: models[0].requests.topic: is required"},
    {"no_requests", kHead + "models:\n  - name: m\n    baseline: b.json\n",
     "c.yaml:3: models[0].requests.topic: is required"},
    {"absent_without_value", Model("    labels: {topic: t2, absent: {after: 1d}}\n"),
     "c.yaml:6: models[0].labels.absent.value: is required"},
    {"absent_of_a_number", Model("    task: regression\n    labels: {topic: t2, absent: {value: \"0\"}}\n"),
     "c.yaml:7: models[0].labels.absent: an absent label stands for a class"},
    {"unknown_task", Model("    task: binery\n"),
     "c.yaml:6: models[0].task: `binery` is unknown; did you mean `binary`?"},
    {"empty_value", Root("state:\n"), "c.yaml:3: state: has no value; write one or delete the line"},
    {"empty_text", Model("    owner: \"\"\n"), "c.yaml:6: models[0].owner: is empty"},
    // kinds of values
    {"list_for_text", Root("state: [a]\n"), "c.yaml:3: state: is a list; one value belongs here"},
    {"text_for_mapping", Root("metrics: all\n"),
     "c.yaml:3: metrics: is a text; a mapping of keys to values belongs here"},
    {"mapping_for_list", Root("notify: {slack: {url: \"https://x\"}}\n"),
     "c.yaml:3: notify: is a mapping; a list belongs here"},
    {"mapping_for_models", kHead + "models: {name: m}\n", "c.yaml:2: models: is a mapping; a list belongs here"},
    // durations, sizes, numbers, choices
    {"wrong_unit", Model("    window: 7 days\n"),
     "c.yaml:6: models[0].window: `7 days` is no duration; write a number with its unit, like 90s, 15m, 6h or 7d"},
    {"no_unit", Model("    window: 7\n"), "c.yaml:6: models[0].window: `7` is no duration"},
    {"zero_pane", Model("    pane: 0s\n"), "c.yaml:6: models[0].pane: is zero; write a duration above zero"},
    {"zero_step", Model("    step: 0s\n"), "c.yaml:6: models[0].step: is zero"},
    {"zero_window", Model("    window: 0d\n"), "c.yaml:6: models[0].window: is zero"},
    {"zero_history", Root("history: 0d\n"), "c.yaml:3: history: is zero"},
    {"huge_duration", Model("    window: 999999d\n"), "c.yaml:6: models[0].window: `999999d` is no duration"},
    {"wrong_size", Root("labels_memory: 512MB\n"),
     "c.yaml:3: labels_memory: `512MB` is no size; write a number of bytes, or one with its unit"},
    {"zero_size", Root("labels_memory: 0\n"), "c.yaml:3: labels_memory: `0` is no size"},
    {"no_number", Model("    min_effect: small\n"), "c.yaml:6: models[0].min_effect: `small` is no number"},
    {"infinite_number", Model("    min_effect: inf\n"), "c.yaml:6: models[0].min_effect: `inf` is no number"},
    {"negative_effect", Model("    min_effect: -1\n"),
     "c.yaml:6: models[0].min_effect: `-1` is too small; it must be larger than 0"},
    {"negative_importance", Model("    importances: {a: 1, b: -2}\n"),
     "c.yaml:6: models[0].importances.b: `-2` is below zero; an importance is zero or more"},
    {"no_importance", Model("    importances: {a: 0}\n"),
     "c.yaml:6: models[0].importances: no feature has an importance above zero"},
    {"false_alarms_zero", Root("alarms: {expected_false_alarms: 0}\n"),
     "c.yaml:3: alarms.expected_false_alarms: `0` is too small"},
    {"workers", Root("ingest: {workers: 0}\n"),
     "c.yaml:3: ingest.workers: `0` does not fit; write a whole number from 1 to 64"},
    {"no_bool", Root("metrics: {open: yes}\n"), "c.yaml:3: metrics.open: `yes` is unknown; known are true, false"},
    {"top_zero", Root("metrics: {features: top:0}\n"), "c.yaml:3: metrics.features: `top:0` is unknown; write top:20"},
    {"over", Root("alarms: {over: al}\n"), "c.yaml:3: alarms.over: `al` is unknown; did you mean `all`?"},
    {"format", Model("    labels: {topic: l, format: flatjson}\n"),
     "c.yaml:6: models[0].labels.format: `flatjson` is unknown; did you mean `flat-json`?"},
    {"other_format", Model("    labels: {topic: l, format: csv}\n"),
     "c.yaml:6: models[0].labels.format: `csv` is unknown; known are flat-json, avro, sagemaker-ground-truth"},
    {"time", kHead + "models:\n  - name: m\n    baseline: b.json\n    requests:\n      topic: t\n      time: arival\n",
     "c.yaml:7: models[0].requests.time: `arival` is unknown; did you mean `arrival`?"},
    {"start", Model("    labels: {topic: l, start: begin}\n"),
     "c.yaml:6: models[0].labels.start: `begin` is no start; write earliest, latest, or how far back"},
    {"fields_key", Model("    labels: {topic: l, fields: {lable: x}}\n"),
     "c.yaml:6: models[0].labels.fields.lable: unknown key; did you mean `label`?"},
    {"fields_path", Model("    labels: {topic: l, fields: {label: a..b}}\n"),
     "c.yaml:6: models[0].labels.fields.label: `a..b` is no path"},
    {"fields_source", Model("    labels: {topic: l, fields: {id: $kee}}\n"),
     "c.yaml:6: models[0].labels.fields.id: `$kee` is no source; there are $key, $header.NAME, $topic"},
    {"fields_const", Model("    labels: {topic: l, fields: {id: {cons: a}}}\n"),
     "c.yaml:6: models[0].labels.fields.id.cons: unknown key; did you mean `const`?"},
    {"fields_decode", Model("    labels: {topic: l, fields: {decode: {body: xml}}}\n"),
     "c.yaml:6: models[0].labels.fields.decode.body: `xml` is unknown; known are json"},
    {"fields_time", Model("    labels: {topic: l, fields: {time_format: minutes}}\n"),
     "c.yaml:6: models[0].labels.fields.time_format: `minutes` is no time format; write s, ms, us or ns"},
    {"fields_time_twice", Model("    labels: {topic: l, fields: {timestamp: $timestamp, time_format: ms}}\n"),
     "c.yaml:6: models[0].labels.fields.time_format: $timestamp is the Kafka message's own time"},
    {"fields_where", Model("    labels: {topic: l, fields: {where: {kind: {nott: a}}}}\n"),
     "c.yaml:6: models[0].labels.fields.where.kind.nott: unknown key; did you mean `not`?"},
    {"features_shapes", Requests("fields: {features: {path: x, order: baseline, flatten: true}}"),
     "c.yaml:2: models[0].requests.fields.features: order, name and value, flatten, and pick are different shapes"},
    {"features_order", Requests("fields: {features: {path: x, order: alphabet}}"),
     "c.yaml:2: models[0].requests.fields.features.order: `alphabet` is no order; write baseline, or the list"},
    {"features_pairs", Requests("fields: {features: {path: x, name: n}}"),
     "c.yaml:2: models[0].requests.fields.features.value: is required"},
    {"features_pick", Requests("fields: {features: {path: x, pick: {a: b}}}"),
     "c.yaml:2: models[0].requests.fields.features.pick: each picked feature has a path of its own"},
    {"features_none", Requests("fields: {features: []}"),
     "c.yaml:2: models[0].requests.fields.features: is an empty list"},
    {"fields_of_format", Requests("format: sagemaker, fields: {id: x}"),
     "c.yaml:2: models[0].requests.fields.id: unknown key"},
    {"responses", Requests("format: sagemaker, responses: u"),
     "c.yaml:2: models[0].requests.responses: format sagemaker has request and response in one message"},
    {"responses_same", Requests("format: seldon-v2, responses: t"),
     "c.yaml:2: models[0].requests.responses: is the topic of the requests itself"},
    {"schema_of_json", Requests("schema: b.json"), "c.yaml:2: models[0].requests.schema: is for `format: avro`"},
    {"schema_that_is_none", Requests("format: avro, schema: b.json"), "c.yaml:2: models[0].requests.schema: "},
    {"schema_file", Requests("format: avro, schema: x.avsc"), "c.yaml:2: models[0].requests.schema: there is no "},
    {"schema_id", Requests("format: avro, schema: {latest: b.json}"),
     "c.yaml:2: models[0].requests.schema.latest: `latest` is no schema id"},
    {"schema_nowhere", Requests("format: avro"),
     "c.yaml: schema_registry: requests of model `m` are Avro, and nothing says where its schemas are"},
    {"registry_twice", Root("schema_registry: {url: \"http://r\", token: a, user: b}\n"),
     "c.yaml:3: schema_registry: has a token and a user"},
    {"fields_differ",
     kHead + "models: [{name: m, baseline: b.json, requests: {topic: t}}, {name: n, baseline: b.json, requests: "
             "{topic: t, fields: {id: x}}}]\n",
     "c.yaml:2: models[1].requests: model `m` reads topic `t` with another `format`, `schema` or other `fields`"},
    {"topic", kHead + "models: [{name: m, baseline: b.json, requests: {topic: a b}}]\n",
     "c.yaml:2: models[0].requests.topic: `a b` is no Kafka topic"},
    // relations
    {"step_of_pane", Model("    step: 7m\n    window: 70m\n"),
     "c.yaml:6: models[0].step: `step` (7m) of model `m` is no multiple of `pane` (5m); change one of them"},
    {"window_of_step", Model("    step: 2h\n    window: 7h\n"),
     "c.yaml:7: models[0].window: `window` (7h) of model `m` is no multiple of `step` (2h); change one of them"},
    {"window_of_default_step", Model("    window: 2d\n") + "defaults: {step: 18h}\n",
     "c.yaml:6: models[0].window: `window` (2d) of model `m` is no multiple of `step` (18h)"},
    {"default_window_of_step", Model("    step: 7h\n"),
     "c.yaml:6: models[0].step: `window` (1d) of model `m` is no multiple of `step` (7h)"},
    {"window_of_pane", Model("    window: 7m\n"),
     "c.yaml:6: models[0].window: `window` (7m) of model `m` is no multiple of `pane` (5m)"},
    {"default_window_of_pane", Model("    pane: 7m\n"),
     "c.yaml:6: models[0].pane: `window` (1d) of model `m` is no multiple of `pane` (7m)"},
    {"same_name", Root("").replace(Root("").size() - 2, 1, ",\n  {name: m, baseline: b.json, requests: {topic: t}}]"),
     "c.yaml:3: models[1].name: there already is a model `m` (c.yaml:2: models[0].name)"},
    {"same_topic", Model("    labels: {topic: t}\n"),
     "c.yaml:6: models[0].labels.topic: requests and labels of model `m` have the same topic"},
    {"labels_of_others_requests",
     Model("    labels: {topic: u}\n  - {name: n, baseline: b.json, requests: {topic: u}}\n"),
     "c.yaml:3: models[0].labels: its topic `u` holds the requests of model `n`"},
    {"dead_letters_are_read", Root("dead_letters: t\n"), "c.yaml:3: dead_letters: model `m` reads this topic"},
    // files
    {"baseline_missing", kHead + "models:\n  - name: m\n    baseline: nowhere.json\n",
     "c.yaml:4: models[0].baseline: there is no nowhere.json; correct the path, make it with `monitorctl baseline "
     "build "
     "train.csv`, or write `baseline: learn`"},
    {"baseline_of_defaults", "defaults: {baseline: nowhere}\n" + kHead + "models: [{name: m, requests: {topic: t}}]\n",
     "c.yaml:1: defaults.baseline: there is no nowhere;"},
    {"baseline_is_a_device", kHead + "models:\n  - {name: m, baseline: /dev/null}\n",
     "c.yaml:3: models[0].baseline: /dev/null is neither a file nor a folder"},
    {"include_missing", Root("include: more.yaml\n"), "c.yaml:3: include: there is no more.yaml; correct the path"},
    {"include_is_folder", Root("include: [.]\n"), ""},
    {"token_missing", Root("api_token_file: nowhere\n"),
     "c.yaml:3: api_token_file: cannot read nowhere: No such file or directory"},
    {"env_missing", "kafka: {brokers: \"${env:MONITORD_TEST_NOT_SET}\"}\n",
     "c.yaml:1: kafka.brokers: the environment variable `MONITORD_TEST_NOT_SET` is not set; set it"},
    {"file_missing", "kafka: {brokers: \"${file:nowhere}\"}\n",
     "c.yaml:1: kafka.brokers: cannot read nowhere: No such file"},
    {"unknown_interpolation", "kafka: {brokers: \"${BROKER}\"}\n",
     "c.yaml:1: kafka.brokers: `${BROKER}` is unknown; write ${env:NAME} or ${file:path}"},
    {"open_interpolation", "kafka: {brokers: \"${env:X\"}\n", "c.yaml:1: kafka.brokers: `${` without `}`"},
    // listen
    {"listen_port", Root("listen: localhost:65536\n"),
     "c.yaml:3: listen: `localhost:65536` is no address; write host:port"},
    {"listen_no_host", Root("listen: 9464\n"), "c.yaml:3: listen: `9464` is no address"},
    {"listen_ipv6", Root("listen: \"::1:80\"\n"), "c.yaml:3: listen: `::1:80` is no address"},
    {"listen_open", Root("listen: 0.0.0.0:9464\n"),
     "c.yaml:3: listen: listening beyond loopback needs a token; add `api_token_file`, or listen on 127.0.0.1"},
    {"external_url", Root("external_url: monitor.example.com\n"),
     "c.yaml:3: external_url: is no address; it must begin with https://"},
    // kafka
    {"own_property", "kafka: {brokers: b, properties: {enable.auto.commit: true}}\n",
     "c.yaml:1: kafka.properties.enable.auto.commit: cannot be set; monitord keeps the offsets itself"},
    {"brokers_as_property", "kafka: {brokers: b, properties: {bootstrap.servers: c}}\n",
     "c.yaml:1: kafka.properties.bootstrap.servers: cannot be set; write the brokers under kafka.brokers"},
    // rules
    {"rule_metric", Model("    rules:\n      - {metric: pis, above: 1}\n"),
     "c.yaml:7: models[0].rules[0].metric: `pis` is unknown; did you mean `psi`?"},
    {"rule_without_limit", Model("    rules:\n      - {metric: psi}\n"),
     "c.yaml:7: models[0].rules[0]: a rule needs a limit; add `above`, `below` or, for quality, `drop`"},
    {"drop_of_a_distance", Model("    rules: [{metric: psi, drop: 0.1}]\n"),
     "c.yaml:6: models[0].rules[0].drop: `drop` compares quality with the baseline's"},
    {"provisional_distance", Model("    rules: [{metric: psi, above: 0.1, provisional: true}]\n"),
     "c.yaml:6: models[0].rules[0].provisional: is about labels that are still coming"},
    {"rule_with_both", Model("    rules: [{metric: psi, above: 1, below: 2}]\n"),
     "c.yaml:6: models[0].rules[0]: a rule has one limit"},
    {"rule_feature", Model("    rules: [{metric: auc, feature: f, below: 2}]\n"),
     "c.yaml:6: models[0].rules[0].feature: `auc` is a measure of the whole model"},
    {"rule_for", Model("    rules: [{metric: psi, above: 1, for: 0}]\n"),
     "c.yaml:6: models[0].rules[0].for: `0` does not fit"},
    {"rule_twice", Model("    rules:\n      - {metric: psi, above: 1}\n      - {metric: psi, above: 1.0}\n"),
     "c.yaml:8: models[0].rules[1]: the same rule stands above"},
    // targets
    {"alertmanager", Root("notify:\n  - alertmanager: {}\n"), "c.yaml:4: notify[0].alertmanager.url: is required"},
    {"slack_two_ways", Root("notify:\n  - slack: {token: x, channel: c, url: \"https://x\"}\n"),
     "c.yaml:4: notify[0].slack: has an incoming webhook and a bot token; give one of them"},
    {"slack_bot_channel", Root("notify:\n  - slack: {token: x}\n"), "c.yaml:4: notify[0].slack.channel: is required"},
    {"slack_webhook_channel", Root("notify:\n  - slack: {url: \"https://x\", channel: c}\n"),
     "c.yaml:4: notify[0].slack.channel: belongs to a bot"},
    {"command", Root("notify:\n  - command: []\n"), "c.yaml:4: notify[0].command: is empty"},
    {"kafka_topic", Root("notify:\n  - kafka: {topic: \"a b\"}\n"),
     "c.yaml:4: notify[0].kafka.topic: `a b` is no Kafka topic"},
    {"airflow", Root("retrain:\n  - airflow: {url: x, dag: y}\n"), "c.yaml:4: retrain[0].airflow.url: is no address"},
    {"airflow_dag", Root("retrain:\n  - airflow: {url: \"http://x\", dag: a/b}\n"),
     "c.yaml:4: retrain[0].airflow.dag: `a/b` is no DAG"},
    {"sagemaker_keys", Root("retrain:\n  - sagemaker: {region: eu-central-1, pipeline: p, access_key: k}\n"),
     "c.yaml:4: retrain[0].sagemaker: needs both `access_key` and `secret_key`"},
    {"step_functions_arn", Root("retrain:\n  - step_functions: {region: eu-central-1, state_machine: p}\n"),
     "c.yaml:4: retrain[0].step_functions.state_machine: `p` is no ARN"},
    {"retrain_on_fault", Root("retrain: [{webhook: {url: \"http://x\"}, on: [broken_pipeline]}]\n"),
     "c.yaml:3: retrain[0].on: a model is never trained on a broken pipeline"},
    {"unknown_target", Root("notify: [{slak: {url: \"https://x\"}}]\n"),
     "c.yaml:3: notify[0].slak: unknown key; did you mean `slack`?"},
    {"no_target", Root("notify: [{severity: info}]\n"),
     "c.yaml:3: notify[0]: an entry needs a target: slack, webhook, alertmanager, kafka, command"},
    {"two_targets", Root("notify: [{slack: {url: \"https://x\"}, webhook: {url: \"https://y\"}}]\n"),
     "c.yaml:3: notify[0].webhook: an entry has one target, and there already is `slack`"},
    {"slack_without_url", Root("notify: [{slack: {}}]\n"),
     "c.yaml:3: notify[0].slack: needs the address of an incoming webhook (`url` or `url_file`), or a bot's "
     "`token_file` and `channel`"},
    {"severity", Root("notify: [{slack: {url: \"https://x\"}, severity: warn}]\n"),
     "c.yaml:3: notify[0].severity: `warn` is unknown; known are info, warning, critical"},
    {"target_model", Root("notify: [{slack: {url: \"https://x\"}, models: [n]}]\n"),
     "c.yaml:3: notify[0].models[0]: `n` is unknown; did you mean `m`?"},
    {"target_name",
     Root("notify:\n  - {name: a, slack: {url: \"https://x\"}}\n  - {name: a, slack: {url: \"https://x\"}}\n"),
     "c.yaml:5: notify[1].name: there already is a target `a`"},
    {"webhook_url", Root("notify: [{webhook: {url: \"ftp://x\"}}]\n"),
     "c.yaml:3: notify[0].webhook.url: is no address"},
    {"webhook_secrets", Root("notify: [{webhook: {url: \"http://x\", secret: a, secrets: [b]}}]\n"),
     "c.yaml:3: notify[0].webhook: has several kinds of secrets"},
    {"cause", Root("retrain: [{webhook: {url: \"http://x\"}, on: [quality]}]\n"),
     "c.yaml:3: retrain[0].on[0]: `quality` is unknown; known are "},
    {"approve", Root("retrain: [{webhook: {url: \"http://x\"}, approve: yes}]\n"),
     "c.yaml:3: retrain[0].approve: `yes` is unknown; known are automatic, manual"},
};
INSTANTIATE_TEST_SUITE_P(Cases, ConfigErrors, testing::ValuesIn(kBadCases),
                         [](const auto& bad) { return bad.param.name; });

TEST(ConfigErrorsTest, SaysWhyAFileCannotBeRead) {
  const ConfigFolder folder;
  const auto message = [&](const std::filesystem::path& file) {
    try {
      ReadConfig(file);
      return std::string();
    } catch (const ConfigError& fault) {
      return std::string(fault.what());
    }
  };
  const std::string missing = (folder.path() / "none.yaml").string();
  EXPECT_EQ(message(missing),
            missing + ": cannot be read: No such file or directory; check the path and who may read it");
  EXPECT_EQ(message(folder.path()), folder.path().string() + ": is a folder; name a file");
  EXPECT_TRUE(message(folder.Write("large.yaml", std::string((1 << 20) + 1, '#')))
                  .ends_with("split the models over files and `include` them"));
}

TEST(ConfigErrorsTest, NamesTheIncludedFile) {
  const ConfigFolder folder;
  const std::string text = kHead + "include: d/*.yaml\n";
  folder.Write("d/1.yaml", "models:\n  - name: m\n    baseline: ../b.json\n    requests: {topic: t}\n    stp: 1d\n");
  EXPECT_EQ(folder.Fault(text), "d/1.yaml:5: models[0].stp: unknown key; did you mean `step`?");
  folder.Write("d/1.yaml", "kafka: {brokers: b}\n");
  EXPECT_EQ(folder.Fault(text), "d/1.yaml:1: kafka: unknown key; known are models");
  folder.Write("d/1.yaml", "");
  EXPECT_TRUE(folder.Fault(text).starts_with("d/1.yaml: the file is empty;"));
  std::filesystem::remove(folder.path() / "d/1.yaml");
  std::filesystem::create_directory(folder.path() / "d/1.yaml");
  EXPECT_EQ(folder.Fault(text), "d/1.yaml: is a folder; name a file");
}

TEST(ConfigErrorsTest, ShowsNoSecret) {
  const ConfigFolder folder;
  const std::string secret = "s3cr3t";
  setenv("MONITORD_TEST_SECRET", secret.c_str(), 1);
  folder.Write("secret", secret);
  folder.Write("whsec", "whsec_" + secret + "!");
  for (const std::string& text : std::initializer_list<std::string>{
           Root("notify: [{slack: {url: \"s3cr3t\"}}]\n"), Root("notify: [{slack: {url_file: secret}}]\n"),
           Root("notify: [{webhook: {url: \"${file:secret}\"}}]\n"),
           Root("notify: [{webhook: {url: \"https://s3cr3t:s3cr3t@h /\"}}]\n"),
           Root("notify: [{webhook: {url: \"http://h\", secret: \"whsec_s3cr3t!\"}}]\n"),
           Root("notify: [{webhook: {url: \"http://h\", secret_file: whsec}}]\n"),
           Root("history: ${env:MONITORD_TEST_SECRET}\n"), Root("ingest: {workers: \"${file:secret}\"}\n"),
           Root("listen: ${env:MONITORD_TEST_SECRET}\n"), Root("dead_letters: \"${env:MONITORD_TEST_SECRET} x\"\n"),
           Root("alarms: {over: \"${env:MONITORD_TEST_SECRET}\"}\n"),
           "kafka: {brokers: b, properties: {enable.auto.commit: s3cr3t}}\n",
           "kafka: {brokers: b, properties: {sasl.password: [s3cr3t]}}\n"}) {
    const std::string fault = folder.Fault(text);
    EXPECT_NE(fault, "") << text;
    EXPECT_EQ(fault.find(secret), std::string::npos) << fault;
  }
}

}  // namespace
}  // namespace monitor
