// The server as a client sees it: routes, status codes, who may ask what.
#include "monitor/serve/http_server.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// The compiled httplib has these on, and its types change their layout with them (pkg-config --cflags cpp-httplib).
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#define CPPHTTPLIB_OPENSSL_SUPPORT
#define CPPHTTPLIB_ZLIB_SUPPORT
#define CPPHTTPLIB_BROTLI_SUPPORT
#endif
#include <httplib.h>

#include "monitor/serve/access.h"
#include "monitor/serve/dashboard.h"
#include "monitor/store/schema.h"
#include "monitor/store/sqlite.h"
#include "tests/support/temporary.h"

namespace monitor {
namespace {

using nlohmann::json;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    file_ = tests::Temporary("http_server_test.db");
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    config_.listen_port = 0;
    config_.models.resize(2);
    config_.models[0].name = "flights";
    config_.models[1].name = "loans/eu";
  }

  HttpServer& Start() {
    server_ = std::make_unique<HttpServer>(
        config_, board_, file_,
        HttpServer::Hooks{[this](const OperatorAction&) { return reload_says_; }, [this] { return stuck_; }});
    return *server_;
  }
  httplib::Client Client() { return httplib::Client("127.0.0.1", server_->port()); }
  static std::string Error(const httplib::Result& result) { return json::parse(result->body).at("error"); }

  Config config_;
  SnapshotBoard board_;
  std::filesystem::path file_;
  std::string reload_says_, stuck_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersEveryRouteBeforeThereIsADatabase) {
  Start();
  auto client = Client();
  const std::vector<std::pair<std::string, std::string>> answers{
      {"/api/v1/models", R"({"models":[]})"},
      {"/api/v1/models/flights/windows", R"({"windows":[]})"},
      {"/api/v1/models/flights/quality", R"({"cohorts":[]})"},
      {"/api/v1/alerts", R"({"alerts":[]})"},
      {"/api/v1/audit", R"({"audit":[]})"},
      {"/api/v1/retrains", R"({"retrains":[]})"},
      {"/api/v1/rejects", R"({"rejects":[]})"}};
  for (const auto& [path, body] : answers) {
    const auto result = client.Get(path);
    ASSERT_TRUE(result) << path;
    EXPECT_EQ(result->status, 200) << path << result->body;
    EXPECT_EQ(result->body, body) << path;
    EXPECT_EQ(result->get_header_value("Content-Type"), "application/json");
  }
  const auto metrics = client.Get("/metrics");
  EXPECT_EQ(metrics->status, 200);
  EXPECT_EQ(metrics->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(metrics->body.find("model_monitor_build_info"), std::string::npos);
}

TEST_F(HttpServerTest, SaysWhetherItIsReadyAndAlive) {
  Start();
  auto client = Client();
  EXPECT_EQ(client.Get("/readyz")->status, 503) << "nothing published yet";
  Snapshot snapshot;
  snapshot.models.push_back({});
  snapshot.not_ready = "broker localhost:9092 is not reachable";
  board_.Publish(std::make_shared<Snapshot>(snapshot));
  EXPECT_EQ(client.Get("/readyz")->status, 503);
  EXPECT_EQ(client.Get("/readyz")->body, "not ready: broker localhost:9092 is not reachable\n");
  snapshot.not_ready.clear();
  board_.Publish(std::make_shared<Snapshot>(snapshot));
  EXPECT_EQ(client.Get("/readyz")->status, 200);
  EXPECT_EQ(client.Get("/readyz")->body, "ready\n");
  EXPECT_EQ(client.Get("/healthz")->status, 200);
  stuck_ = "judge: no progress for 40 s";
  EXPECT_EQ(client.Get("/healthz")->status, 503);
  EXPECT_EQ(client.Get("/healthz")->body, "stuck: judge: no progress for 40 s\n");
}

TEST_F(HttpServerTest, UnknownModelsAndPathsAreNotFound) {
  Start();
  auto client = Client();
  const auto windows = client.Get("/api/v1/models/fligths/windows");
  EXPECT_EQ(windows->status, 404);
  EXPECT_EQ(Error(windows), "unknown model `fligths`; known: flights, loans/eu");
  EXPECT_EQ(client.Get("/api/v1/alerts?model=fligths")->status, 404);
  EXPECT_EQ(client.Get("/api/v2/models")->status, 404);
  EXPECT_EQ(Error(client.Get("/api/v2/models")), "no such path: /api/v2/models");
  EXPECT_EQ(client.Get("/api/v1/alerts/abc")->status, 404);
}

TEST_F(HttpServerTest, ModelNamesMayHoldASlash) {
  Start();
  EXPECT_EQ(Client().Get("/api/v1/models/loans%2Feu/windows")->status, 200);
  EXPECT_EQ(Client().Get("/api/v1/models/loans%2Feu/quality")->status, 200);
}

TEST_F(HttpServerTest, UnreadableParametersAreBadRequests) {
  Start();
  auto client = Client();
  for (const char* path :
       {"/api/v1/models/flights/windows?from=yesterday", "/api/v1/alerts?limit=0", "/api/v1/rejects?to=x",
        "/api/v1/retrains?limit=many", "/api/v1/models/flights/quality?limit=-1"}) {
    const auto result = client.Get(path);
    EXPECT_EQ(result->status, 400) << path;
    EXPECT_FALSE(Error(result).empty());
  }
}

TEST_F(HttpServerTest, FaultsOfTheDatabaseAreJson) {
  Sqlite writer(file_, Sqlite::Mode::kReadWrite);
  writer.Run("CREATE TABLE meta(key TEXT)");
  Start();
  const auto result = Client().Get("/api/v1/alerts");
  EXPECT_EQ(result->status, 500);
  EXPECT_NE(Error(result).find("no such table"), std::string::npos);
}

TEST_F(HttpServerTest, FindsAlertsByShortId) {
  Sqlite writer(file_, Sqlite::Mode::kReadWrite);
  writer.Run(kSchema);
  writer.Run(
      R"(INSERT INTO alert(id, model, started_ns, api, stored) VALUES('ab12','flights',1,'{"id":"ab12"}','{}'),('ab34','flights',2,'{"id":"ab34"}','{}'))");
  Start();
  auto client = Client();
  EXPECT_EQ(client.Get("/api/v1/alerts/ab1")->body, R"({"account":null,"actions":[],"id":"ab12"})");
  EXPECT_EQ(client.Get("/api/v1/alerts/ab")->status, 400);
  EXPECT_EQ(client.Get("/api/v1/alerts/zz")->status, 404);
  EXPECT_EQ(client.Get("/api/v1/alerts?limit=1")->body, R"({"alerts":[{"id":"ab34"}]})");
}

TEST_F(HttpServerTest, ReloadNeedsTheToken) {
  config_.api_token = "s3cret";
  Start();
  auto client = Client();
  EXPECT_EQ(client.Post("/-/reload")->status, 401);
  client.set_bearer_token_auth("wrong");
  EXPECT_EQ(client.Post("/-/reload")->status, 401);
  client.set_bearer_token_auth("s3cret");
  EXPECT_EQ(client.Post("/-/reload")->status, 200);
  reload_says_ = "config.yaml:3: unknown key";
  const auto failed = client.Post("/-/reload");
  EXPECT_EQ(failed->status, 500);
  EXPECT_EQ(Error(failed), "the old configuration stays in force: config.yaml:3: unknown key");
}

TEST_F(HttpServerTest, WithoutATokenWritingIsRefused) {
  Start();
  const auto result = Client().Post("/-/reload");
  EXPECT_EQ(result->status, 403);
  EXPECT_NE(Error(result).find("api_token_file"), std::string::npos);
}

TEST_F(HttpServerTest, BeyondLoopbackReadingNeedsTheTokenToo) {
  config_.listen_host = "0.0.0.0";
  config_.api_token = "s3cret";
  Start();
  auto client = Client();
  for (const char* path : {"/", "/metrics", "/healthz", "/readyz", "/api/v1/models"})
    EXPECT_EQ(client.Get(path)->status, 401) << path;
  config_.open_metrics = true;
  server_->Apply(config_);
  EXPECT_EQ(client.Get("/metrics")->status, 200);
  EXPECT_EQ(client.Get("/healthz")->status, 200);
  EXPECT_EQ(client.Get("/api/v1/models")->status, 401);
  client.set_basic_auth("anybody", "s3cret");
  EXPECT_EQ(client.Get("/api/v1/models")->status, 200);
  EXPECT_EQ(client.Get("/")->status, 200);
  EXPECT_EQ(client.Post("/-/reload")->status, 401) << "a browser's own credentials never write";
}

TEST_F(HttpServerTest, ATakenPortIsAClearError) {
  Start();
  Config second = config_;
  second.listen_port = server_->port();
  try {
    HttpServer other(second, board_, file_, {});
    FAIL() << "listened twice";
  } catch (const ListenError& error) {
    EXPECT_NE(std::string(error.what()).find("address in use"), std::string::npos) << error.what();
  }
}

TEST(Access, ComparesWholeTokens) {
  EXPECT_TRUE(SameSecret("abc", "abc"));
  for (const char* given : {"", "a", "ab", "abd", "abcabc", "abcd"}) EXPECT_FALSE(SameSecret(given, "abc")) << given;
}

TEST(Access, ReadsTheSchemeWithoutCase) {
  const AccessPolicy policy{"abc", true, false};
  EXPECT_EQ(Check(policy, "GET", "/", "bearer abc"), Access::kAllowed);
  EXPECT_EQ(Check(policy, "GET", "/", "BEARER  abc"), Access::kAllowed);
  EXPECT_EQ(Check(policy, "GET", "/", "Basic eDphYmM="), Access::kAllowed);
  EXPECT_EQ(Check(policy, "POST", "/", "Basic eDphYmM="), Access::kNeedsToken);
  EXPECT_EQ(Check(policy, "GET", "/", "abc"), Access::kNeedsToken);
  EXPECT_EQ(Check(policy, "GET", "/", "Bearer"), Access::kNeedsToken);
  EXPECT_EQ(Check({"", true, false}, "GET", "/", "Bearer "), Access::kNoTokenExists);
}

TEST(Access, KnowsLoopback) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"})
    EXPECT_TRUE(IsLoopback(host)) << host;
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "127.example.com", "1270.0.0.1", ""})
    EXPECT_FALSE(IsLoopback(host)) << host;
}

TEST(Dashboard, LoadsNothingFromElsewhere) {
  const std::string_view page = DashboardPage();
  for (const char* outside : {"http://", "https://", "src=\"//", "url(", "@import"}) {
    EXPECT_EQ(page.find(outside), std::string_view::npos) << outside;
  }
}

}  // namespace
}  // namespace monitor
