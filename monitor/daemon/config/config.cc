#include "monitor/daemon/config/config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/yaml_values.h"

namespace monitor {
namespace {

constexpr std::array<std::string_view, 17> kRootKeys{
    "listen",  "state",  "external_url",   "kafka",        "defaults",       "include",
    "models",  "alarms", "notify",         "retrain",      "history",        "labels_memory",
    "metrics", "ingest", "api_token_file", "dead_letters", "schema_registry"};

bool IsLoopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

void ReadListen(const YamlMap& root, Config& config) {
  const auto listen = root.Find("listen");
  if (!listen) return;
  const std::string text = listen->Text();
  const auto colon = text.rfind(':');
  std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    host.clear();  // IPv6 without brackets
  }
  int port = -1;
  const char* digits = text.data() + (colon == std::string::npos ? text.size() : colon + 1);
  const auto [end, fault] = std::from_chars(digits, text.data() + text.size(), port);
  if (host.empty() || fault != std::errc() || end != text.data() + text.size() || port < 0 || port > 65535) {
    listen->Fail(listen->Quoted() + " is no address; write host:port, like 127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464");
  }
  config.listen_host = host;
  config.listen_port = port;
}

void ReadAccess(const YamlMap& root, Config& config) {
  if (const auto file = root.Find("api_token_file")) config.api_token = AsSecretOfFile(*file);
  if (IsLoopback(config.listen_host) || !config.api_token.empty()) return;
  root.Find("listen")->Fail("listening beyond loopback needs a token; add `api_token_file`, or listen on 127.0.0.1");
}

void ReadExternalUrl(const YamlMap& root, Config& config) {
  const auto url = root.Find("external_url");
  if (!url) return;
  config.external_url = AsUrl(*url);
  while (config.external_url.ends_with('/')) config.external_url.pop_back();
}

void ReadAlarms(const YamlMap& root, Config& config) {
  static constexpr std::string_view kKeys[] = {"expected_false_alarms", "per", "over", "repeat"};
  static constexpr std::string_view kOver[] = {"model", "all"};
  const YamlMap alarms = root.Sub("alarms", kKeys);
  ReadNumberAbove(alarms, "expected_false_alarms", 0, config.expected_false_alarms);
  ReadPositiveDuration(alarms, "per", config.false_alarms_per);
  ReadDuration(alarms, "repeat", config.repeat);
  if (const auto over = alarms.Find("over")) config.alarms_over_all = AsChoice(*over, kOver) == "all";
}

void ReadMetrics(const YamlMap& root, Config& config) {
  static constexpr std::string_view kKeys[] = {"features", "open"};
  const YamlMap metrics = root.Sub("metrics", kKeys);
  ReadBool(metrics, "open", config.open_metrics);
  const auto features = metrics.Find("features");
  if (!features) return;
  const std::string text = features->Text();
  if (text == "all" || text == "none") {
    config.feature_series = text == "all" ? Config::FeatureSeries::kAll : Config::FeatureSeries::kNone;
    return;
  }
  int top = 0;
  const std::string_view digits = text.starts_with("top:") ? std::string_view(text).substr(4) : std::string_view();
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), top);
  if (digits.empty() || fault != std::errc() || end != digits.data() + digits.size() || top < 1 || top > 10'000) {
    features->Fail(features->Quoted() + " is unknown; write top:20 (or another number from 1 to 10000), all or none");
  }
  config.feature_series = Config::FeatureSeries::kTop;
  config.feature_series_top = top;
}

void ReadIngest(const YamlMap& root, Config& config) {
  static constexpr std::string_view kKeys[] = {"workers"};
  ReadInteger(root.Sub("ingest", kKeys), "workers", 1, 64, config.ingest_workers);
}

void ReadState(const YamlMap& root, Config& config) {
  if (const auto state = root.Find("state")) config.state = AsPath(*state);
  ReadSize(root, "labels_memory", config.labels_memory);
  ReadPositiveDuration(root, "history", config.history);
}

// What is written to a topic that is read would come back for ever.
void ReadDeadLetters(const YamlMap& root, Config& config) {
  const auto topic = root.Find("dead_letters");
  if (!topic) return;
  config.dead_letters = AsTopic(*topic);
  for (const ModelConfig& model : config.models) {
    if (config.dead_letters == model.requests.topic || config.dead_letters == model.requests.responses ||
        (model.labels && config.dead_letters == model.labels->topic)) {
      topic->Fail("model `" + model.name + "` reads this topic; dead letters need a topic of their own");
    }
  }
}

// Avro cannot be read without its schemas.
void CheckSchemas(const YamlMap& root, const Config& config) {
  if (config.schema_registry) return;
  for (const ModelConfig& model : config.models) {
    const bool requests = model.requests.format == "avro" && model.requests.schemas == nullptr;
    if (!requests && !(model.labels && model.labels->format == "avro" && model.labels->schemas == nullptr)) continue;
    root.value()
        .Child("schema_registry")
        .Fail(std::string(requests ? "requests" : "labels") + " of model `" + model.name +
              "` are Avro, and nothing says where its schemas are; add `schema_registry: {url: …}`, or beside `format` "
              "`schema: FILE.avsc`");
  }
}

// A model's key at the root is a common slip that no nearest name explains.
void CheckRootKeys(const YamlValue& root) {
  for (const auto& [name, value] : root.Entries()) {
    const bool known = std::find(kRootKeys.begin(), kRootKeys.end(), name) != kRootKeys.end();
    const bool of_model = std::find(kModelKeys.begin(), kModelKeys.end(), name) != kModelKeys.end();
    if (!known && of_model)
      value.Fail("is a key of a model; write it under an entry of `models`, or under `defaults` for all of them");
  }
}

}  // namespace

Config ReadConfig(const std::filesystem::path& file) {
  const YamlValue document = YamlValue::ReadFile(file);
  CheckRootKeys(document);
  const YamlMap root(document, kRootKeys);
  Config config;
  config.file = std::filesystem::absolute(file).lexically_normal();
  ReadListen(root, config);
  ReadAccess(root, config);
  ReadExternalUrl(root, config);
  ReadKafka(root, config);
  ReadState(root, config);
  ReadMetrics(root, config);
  ReadIngest(root, config);
  ReadAlarms(root, config);
  ReadSchemaRegistry(root, config);
  config.models = ReadModels(root);
  ReadTargets(root, config);
  CheckSchemas(root, config);
  ReadDeadLetters(root, config);
  return config;
}

}  // namespace monitor
