// SchemaRegistry: outages, restarts, references and answers that are none, by an HTTP client that the test answers for.
#include "monitor/ingest/avro/schema_registry.h"
#include "tests/support/temporary.h"

#include <gtest/gtest.h>
#include <atomic>
#include <nlohmann/json.hpp>

namespace monitor::testing {
namespace {

using nlohmann::json;

class Answers : public alerts::HttpClient {
 public:
  alerts::HttpResponse Send(const alerts::HttpRequest& request) override {
    const std::lock_guard lock(mutex_);
    asked.push_back(request.url);
    last = request;
    const auto found = by_path.find(request.url.substr(std::string("http://r").size()));
    if (found != by_path.end()) return found->second;
    return {0, "", "connection refused", {}};
  }
  void Interrupt() override {}
  void Set(const std::string& path, int status, const json& body) {
    const std::lock_guard lock(mutex_);
    by_path[path] = {status, body.dump(), "", {}};
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return asked.size();
  }

  std::vector<std::string> asked;
  alerts::HttpRequest last;

 private:
  std::mutex mutex_;
  std::map<std::string, alerts::HttpResponse> by_path;
};

class SchemaRegistryTest : public ::testing::Test {
 protected:
  SchemaRegistryTest() { std::filesystem::remove_all(folder_); }
  ~SchemaRegistryTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<SchemaRegistry> Make(SchemaRegistryConfig config = {"http://r", "", "", ""}) {
    http_ = std::make_shared<Answers>();
    return std::make_unique<SchemaRegistry>(std::move(config), folder_, http_);
  }
  static std::shared_ptr<const WriterSchema> Wait(SchemaRegistry& registry, std::uint32_t id) {
    for (int i = 0; i < 2000; ++i) {
      if (auto schema = registry.Find(id)) return schema;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return nullptr;
  }

  const std::filesystem::path folder_ = tests::Temporary("schemas");
  std::shared_ptr<Answers> http_;
};

const json kLong = {{"schema", R"("long")"}};

TEST_F(SchemaRegistryTest, WaitsThroughAnOutageAndKeepsWhatItFetchedOverARestart) {
  auto registry = Make();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(registry->Find(7), nullptr);
  // Nothing waits for the network.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(200));
  while (http_->count() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(registry->Find(7), nullptr);
  http_->Set("/schemas/ids/7", 200, kLong);
  const auto schema = Wait(*registry, 7);
  ASSERT_NE(schema, nullptr);
  EXPECT_TRUE(schema->readable());
  ASSERT_NE(schema->avro, nullptr);
  EXPECT_EQ((*schema->avro)[schema->avro->root()].kind, AvroSchema::Kind::kLong);

  // The next one never gets an answer, and needs none.
  registry = Make();
  ASSERT_NE(registry->Find(7), nullptr);
  EXPECT_EQ(http_->count(), 0u);
  // Another registry's ids are other schemas.
  registry = Make({"http://r/other", "", "", ""});
  EXPECT_EQ(registry->Find(7), nullptr);
}

TEST_F(SchemaRegistryTest, SaysWhyASchemaCannotBeRead) {
  const auto registry = Make();
  http_->Set("/schemas/ids/1", 404, {{"error_code", 40403}, {"message", "Schema 1 not found"}});
  http_->Set("/schemas/ids/2", 200, {{"schema", "syntax = \"proto3\";"}, {"schemaType", "PROTOBUF"}});
  http_->Set("/schemas/ids/3", 200, {{"schema", "{}"}, {"schemaType", "JSON"}});
  http_->Set("/schemas/ids/4", 200, {{"schema", R"("nothing")"}});
  const char* const whys[] = {"it is not in the registry", "Protobuf is not supported", "",
                              "it is not understood: type `nothing` is not defined before it is used"};
  for (std::uint32_t id = 1; id <= 4; ++id) {
    const auto schema = Wait(*registry, id);
    ASSERT_NE(schema, nullptr) << id;
    EXPECT_EQ(schema->why, whys[id - 1]);
    EXPECT_EQ(schema->avro, nullptr);
  }
}

// Something else answers at the address, or refuses: that says nothing about a schema.
TEST_F(SchemaRegistryTest, OtherAnswersAreAnOutage) {
  const auto registry = Make();
  http_->Set("/schemas/ids/1", 404, "not found");
  http_->Set("/schemas/ids/2", 401, {{"error_code", 401}});
  http_->Set("/schemas/ids/3", 200, "no schema");
  for (const std::uint32_t id : {1, 2, 3}) EXPECT_EQ(registry->Find(id), nullptr);
  while (http_->count() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  for (const std::uint32_t id : {1, 2, 3}) EXPECT_EQ(registry->Find(id), nullptr) << id;
}

TEST_F(SchemaRegistryTest, ReadsWhatASchemaRefersToAndGivesItsPassword) {
  const auto registry = Make({"http://r", "me", "secret", ""});
  const auto fixed = [](const char* name) { return json{{"type", "fixed"}, {"name", name}, {"size", 2}}.dump(); };
  const auto refers = [](const char* name, const char* subject, int version) {
    return json{{"name", name}, {"subject", subject}, {"version", version}};
  };
  http_->Set("/subjects/a%2Fb/versions/3", 200, {{"schema", fixed("A")}});
  http_->Set("/subjects/m/versions/1", 200,
             {{"schema", R"({"type":"record","name":"M","fields":[{"name":"a","type":"A"}]})"},
              {"references", {refers("A", "a/b", 3)}}});
  http_->Set("/schemas/ids/9", 200,
             {{"schema", R"({"type":"record","name":"W","fields":[{"name":"m","type":"M"},{"name":"a","type":"A"}]})"},
              {"references", {refers("M", "m", 1), refers("A", "a/b", 3)}}});
  const auto schema = Wait(*registry, 9);
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->why, "");
  EXPECT_EQ(http_->last.user, "me");
  EXPECT_EQ(http_->last.password, "secret");
  http_->Set("/schemas/ids/10", 200, {{"schema", R"("X")"}, {"references", {refers("X", "gone", 1)}}});
  http_->Set("/subjects/gone/versions/1", 404, {{"error_code", 40401}});
  EXPECT_EQ(Wait(*registry, 10)->why, "it refers to `gone`, which is not in the registry");
}

}  // namespace
}  // namespace monitor::testing
