#include "monitor/ingest/avro/schema_registry.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "detectors/hash.h"
#include "monitor/daemon/log.h"
#include "monitor/daemon/thread_name.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr auto kFirstPause = std::chrono::milliseconds(500);
constexpr auto kLongestPause = std::chrono::seconds(30);
constexpr auto kAskAgain = std::chrono::minutes(1);
constexpr std::size_t kMostBytes = 8u << 20;  // of one schema
constexpr std::size_t kMostOthers = 1000;
constexpr int kMostLevels = 32;                     // of schemas that refer to others
constexpr int kNotThere[] = {40401, 40402, 40403};  // subject, version, schema

// A name as one part of a path.
std::string Escaped(const std::string& name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      escaped += c;
    } else {
      escaped += {'%', kHex[static_cast<unsigned char>(c) >> 4], kHex[static_cast<unsigned char>(c) & 15]};
    }
  }
  return escaped;
}

std::string TextIn(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

// Whether the registry itself says that it has no such thing; a 404 of anything else in its place says nothing.
bool IsNotThere(const alerts::HttpResponse& response) {
  if (response.status != 404) return false;
  const json answer = json::parse(response.body, nullptr, false);
  if (!answer.is_object() || !answer.contains("error_code")) return false;
  return std::ranges::any_of(kNotThere, [&](int code) { return answer["error_code"] == code; });
}

std::string TroubleOf(const alerts::HttpResponse& response) {
  if (response.status == 0) return response.error;
  if (response.status == 401 || response.status == 403)
    return "it answers " + std::to_string(response.status) + "; check `user`, `password_file` or `token_file`";
  return "it answers " + std::to_string(response.status) + (response.status == 200 ? " without a schema" : "");
}

}  // namespace

SchemaRegistry::SchemaRegistry(SchemaRegistryConfig config, std::filesystem::path folder,
                               std::shared_ptr<alerts::HttpClient> http, Files files)
    : config_(std::move(config)), folder_(std::move(folder)), files_(files), http_(std::move(http)) {
  thread_ = std::thread([this] { Run(); });
}

SchemaRegistry::~SchemaRegistry() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  http_->Interrupt();
  thread_.join();
}

std::shared_ptr<const WriterSchema> SchemaRegistry::Find(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(id);
  if (known != known_.end() && Clock::now() < known->second.until) return known->second.schema;
  if (std::ranges::find(wanted_, id) != wanted_.end()) return nullptr;
  if (const auto texts = Load(id)) return known_[id].schema = Understand(*texts);
  wanted_.push_back(id);
  changed_.notify_all();
  return nullptr;
}

void SchemaRegistry::Run() {
  NameThread("registry");
  std::chrono::milliseconds pause = kFirstPause;
  std::string said;  // the trouble that was logged
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait(lock, [this] { return stop_ || !wanted_.empty(); });
    if (stop_) return;
    const std::uint32_t id = wanted_.front();
    lock.unlock();
    std::string trouble;
    auto fetched = Fetch(id, trouble);
    if (fetched && !said.empty()) Log(LogLevel::kInfo, "the schema registry answers again");
    if (!fetched && trouble != said)
      Log(LogLevel::kWarning, "the schema registry cannot be asked for schema id " + std::to_string(id) + ": " +
                                  trouble + "; the partitions that need it wait, their records stay in Kafka");
    said = fetched ? std::string() : trouble;
    lock.lock();
    if (fetched) {
      pause = kFirstPause;
      wanted_.pop_front();
      known_[id] = std::move(*fetched);
      continue;
    }
    changed_.wait_for(lock, pause, [this] { return stop_; });
    pause = std::min<std::chrono::milliseconds>(2 * pause, kLongestPause);
    // Another one is next: one schema that is in trouble must not hold up the others.
    wanted_.pop_front();
    wanted_.push_back(id);
  }
}

alerts::HttpResponse SchemaRegistry::Get(const std::string& path) {
  alerts::HttpRequest request;
  request.url = config_.url + path;
  request.method = "GET";
  request.headers = {{"Accept", "application/vnd.schemaregistry.v1+json, application/json"}};
  if (!config_.token.empty()) request.headers.emplace_back("Authorization", "Bearer " + config_.token);
  request.user = config_.user;
  request.password = config_.password;
  request.most_bytes = kMostBytes;
  return http_->Send(request);
}

std::optional<SchemaRegistry::Known> SchemaRegistry::Fetch(std::uint32_t id, std::string& trouble) {
  const auto not_there = [](const std::string& why) {
    return Known{std::make_shared<const WriterSchema>(WriterSchema{nullptr, why}), Clock::now() + kAskAgain};
  };
  const alerts::HttpResponse response = Get("/schemas/ids/" + std::to_string(id));
  if (IsNotThere(response)) return not_there("it is not in the registry");
  const json answer = json::parse(response.body, nullptr, false);
  Texts texts{TextIn(answer, "schemaType"), TextIn(answer, "schema"), {}};
  if (response.status != 200 || texts.schema.empty()) {
    trouble = TroubleOf(response);
    return std::nullopt;
  }
  Known missing;
  if (!FetchOthers(response.body, texts, 0, missing, trouble))
    return missing.schema == nullptr ? std::nullopt : std::optional(missing);
  if (files_ == Files::kReadAndWritten) Save(id, texts);
  return Known{Understand(texts)};
}

// Adds the schemas that `answer` refers to. False: one of them could not be fetched (`trouble`), or is `missing`.
bool SchemaRegistry::FetchOthers(const std::string& answer, Texts& texts, int level, Known& missing,
                                 std::string& trouble) {
  const json schema = json::parse(answer, nullptr, false);
  if (!schema.contains("references") || !schema["references"].is_array()) return true;
  const auto give_up = [&](const std::string& why) {
    missing = {std::make_shared<const WriterSchema>(WriterSchema{nullptr, why}), Clock::now() + kAskAgain};
    return false;
  };
  for (const json& reference : schema["references"]) {
    const std::string subject = TextIn(reference, "subject");
    if (subject.empty() || !reference.contains("version") || !reference["version"].is_number_integer())
      return give_up("a reference of it names no subject and version");
    if (level == kMostLevels || texts.others.size() == kMostOthers) return give_up("it refers to too many schemas");
    const auto response =
        Get("/subjects/" + Escaped(subject) + "/versions/" + std::to_string(reference["version"].get<std::int64_t>()));
    if (IsNotThere(response)) return give_up("it refers to `" + subject + "`, which is not in the registry");
    const std::string text = TextIn(json::parse(response.body, nullptr, false), "schema");
    if (response.status != 200 || text.empty()) {
      trouble = TroubleOf(response);
      return false;
    }
    if (!FetchOthers(response.body, texts, level + 1, missing, trouble)) return false;
    // Two schemas may refer to the same third one.
    if (std::ranges::find(texts.others, text) == texts.others.end()) texts.others.push_back(text);
  }
  return true;
}

std::shared_ptr<const WriterSchema> SchemaRegistry::Understand(const Texts& texts) {
  WriterSchema schema;
  if (texts.type.empty() || texts.type == "AVRO") {
    try {
      schema.avro = std::make_shared<const AvroSchema>(AvroSchema::Parse(texts.schema, texts.others));
    } catch (const AvroSchemaError& fault) {
      schema.why = std::string("it is not understood: ") + fault.what();
    }
  } else if (texts.type == "PROTOBUF") {
    schema.why = "Protobuf is not supported";
  } else if (texts.type != "JSON") {
    schema.why = "schemas of type " + texts.type.substr(0, 40) + " are not supported";
  }
  return std::make_shared<const WriterSchema>(std::move(schema));
}

std::optional<SchemaRegistry::Texts> SchemaRegistry::Load(std::uint32_t id) const {
  std::ifstream in(FileOf(id));
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  const json stored = json::parse(text.str(), nullptr, false);
  if (!stored.is_object() || stored.value("registry", std::uint64_t{0}) != detectors::Hash64(config_.url))
    return std::nullopt;
  Texts texts{TextIn(stored, "type"), TextIn(stored, "schema"), {}};
  for (const json& other : stored.value("others", json::array())) {
    if (other.is_string()) texts.others.push_back(other.get<std::string>());
  }
  return texts;
}

// Without its file a schema is fetched again after a restart, so a fault is told and no more.
void SchemaRegistry::Save(std::uint32_t id, const Texts& texts) const {
  std::error_code fault;
  std::filesystem::create_directories(folder_, fault);
  const std::filesystem::path file = FileOf(id), fresh = file.string() + ".new";
  {
    std::ofstream out(fresh);
    out << json{{"registry", detectors::Hash64(config_.url)},
                {"type", texts.type},
                {"schema", texts.schema},
                {"others", texts.others}}
               .dump(1, ' ', false, json::error_handler_t::replace);
    out.flush();
    if (!out) fault = std::make_error_code(std::errc::io_error);
  }
  if (!fault) std::filesystem::rename(fresh, file, fault);
  if (fault) Log(LogLevel::kWarning, file.string() + " cannot be written: " + fault.message());
}

std::shared_ptr<SchemaRegistry> MakeSchemaRegistry(const Config& config, SchemaRegistry::Files files) {
  if (!config.schema_registry) return nullptr;
  return std::make_shared<SchemaRegistry>(*config.schema_registry, config.state / "schemas", alerts::MakeCurlClient(),
                                          files);
}

std::shared_ptr<const CountingPlan> WithRegistry(std::shared_ptr<const CountingPlan> plan,
                                                 const std::shared_ptr<SchemaSource>& registry) {
  if (registry == nullptr) return plan;
  auto with = std::make_shared<CountingPlan>(*plan);
  for (auto& [name, topic] : with->topics) {
    if (topic->format != Format::kAvro) continue;
    auto own = std::make_shared<TopicPlan>(*topic);
    own->registry = registry;
    topic = own;
  }
  return with;
}

}  // namespace monitor
