#include "alerts/targets/webhook.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "alerts/messages/message.h"
#include "alerts/targets/retrain/webhook.h"
#include "tests/alerts/events.h"
#include "tests/alerts/fake_http.h"
#include "tests/alerts/server.h"

namespace alerts {
namespace {

using nlohmann::json;

IncidentEvent Drift() {
  IncidentEvent event = EventOf(Cause::kDataDrift, {FiringAlert("distribution:temp", "temp", "temp is off")});
  event.summary = "flights: temp is off";
  return event;
}

OutboxRow RowOf(const Target& target, const IncidentEvent& event) {
  OutboxRow row = target.Render(event);
  row.id = MessageId(event.incident, event.transition, target.name());
  row.type = Text(event.type);
  row.target = target.name();
  return row;
}

TEST(Signature, AgreesWithAnIndependentImplementation) {
  std::ifstream file(GOLDEN_DIR "/signatures.json");
  const json rows = json::parse(file);
  ASSERT_EQ(rows.size(), 5u);
  for (const json& row : rows) {
    EXPECT_EQ(SignStandardWebhook(row["secrets"], row["id"], row["timestamp"], row["body"]), row["signature"]);
  }
}

TEST(Signature, RefusesMalformedSecretsWithoutQuotingThem) {
  for (const char* secret :
       {"whsec_", "whsec_====", "whsec_qzxj qzxj", "whsec_qzxjw", "whsec_qz=j", "whsec_qz-_", ""}) {
    try {
      MakeWebhook({"hook", "https://x", {secret}, {}}, std::make_shared<FakeHttp>());
      FAIL() << secret;
    } catch (const std::invalid_argument& e) {
      EXPECT_EQ(std::string(e.what()).find("qz"), std::string::npos) << e.what();
    }
  }
}

TEST(WebhookBody, IsTheDocumentedShape) {
  IncidentEvent event = Drift();
  const json body = json::parse(WebhookBody(event));
  EXPECT_EQ(body.size(), 3u);
  EXPECT_EQ(body["type"], "incident.firing");
  EXPECT_EQ(body["timestamp"], "2013-04-23T00:00:00Z");
  const json& data = body["data"];
  std::vector<std::string> keys;
  for (const auto& [key, value] : data.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"alerts", "because", "began_at", "cause", "context", "else", "incident",
                                            "likely", "model", "more", "owner", "retrain", "runbook", "severity",
                                            "summary", "url", "variant", "version"}));
  EXPECT_EQ(data["began_at"], "2013-04-22T00:00:00Z");
  EXPECT_EQ(data["cause"], "data_drift");
  EXPECT_TRUE(data["owner"].is_null());
  EXPECT_EQ(data["more"], 0);
  EXPECT_EQ(data["context"]["noticed_at"], "2013-04-23T00:00:00Z");
  EXPECT_EQ(data["context"]["rows"], 12'345);
  EXPECT_EQ(data["context"]["commands"]["silence"], "monitorctl silence flights --for 2h");
  ASSERT_EQ(data["alerts"].size(), 1u);
  EXPECT_EQ(data["alerts"][0], ToJson(event.alerts[0]));
  EXPECT_EQ(WebhookBody(event), WebhookBody(Drift())) << "a function of the event";
}

TEST(WebhookBody, ListsTwentyAlertsAndCountsTheRest) {
  IncidentEvent event = Drift();
  event.alerts.resize(200, event.alerts[0]);
  const std::string body = WebhookBody(event);
  EXPECT_EQ(json::parse(body)["data"]["alerts"].size(), 20u);
  EXPECT_EQ(json::parse(body)["data"]["more"], 180);
  EXPECT_LT(body.size(), 20'000u);
}

TEST(WebhookBody, StaysBelowTwentyKilobytesWhateverTheEventHolds) {
  for (const char* text : {"ä", "🧀", "\"", "\\", "\x01", "\xff", "字"}) {
    std::string long_text;
    for (int i = 0; i < 30'000; ++i) long_text += text;
    IncidentEvent event = Drift();
    event.model = event.version = event.variant = event.summary = event.owner = event.runbook = event.url = long_text;
    Alert& alert = event.alerts[0];
    alert.version = alert.variant = alert.model = alert.monitor = alert.feature = alert.url = alert.summary = long_text;
    event.alerts.resize(200, alert);
    const std::string body = WebhookBody(event);
    EXPECT_LT(body.size(), 20'000u) << text;
    const json parsed = json::parse(body);
    EXPECT_GE(parsed["data"]["alerts"].size(), 5u) << text;
    EXPECT_EQ(parsed["data"]["alerts"].size() + parsed["data"]["more"].get<std::size_t>(), 200u);
    EXPECT_EQ(parsed["data"]["alerts"][0]["severity"], "warning") << "short texts stay whole";
  }
}

TEST(Webhook, SendsTheStoredBytesSigned) {
  Server server;
  const std::vector<std::string> secrets{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "old"};
  const auto hook =
      MakeWebhook({"hook", server.Url("/200"), secrets, {}, [] { return kBegan + 999'999'999; }}, MakeCurlClient());
  const OutboxRow row = RowOf(*hook, Drift());
  EXPECT_EQ(row.content_type, "application/json");
  EXPECT_EQ(hook->Send(row).kind, Outcome::Kind::kDelivered);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].body, row.body);
  const std::map<std::string, std::string> expected{
      {"content-type", "application/json"},
      {"webhook-id", row.id},
      {"webhook-timestamp", "1366588800"},
      {"webhook-signature", SignStandardWebhook(secrets, row.id, 1'366'588'800, row.body)},
      {"ce-specversion", "1.0"},
      {"ce-id", row.id},
      {"ce-type", "incident.firing"},
      {"ce-source", "/models/flights"},
      {"ce-time", "2013-04-23T00:00:00Z"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(requests[0].get_header_value(name.c_str()), value) << name;
}

TEST(Webhook, EncodesTheModelInTheSource) {
  const auto http = std::make_shared<FakeHttp>();
  const auto hook = MakeWebhook({"hook", "https://x", {}, {}}, http);
  IncidentEvent event = Drift();
  event.model = "flüge/1\r\na";
  hook->Send(RowOf(*hook, event));
  const std::map<std::string, std::string> headers(http->requests.at(0).headers.begin(),
                                                   http->requests.at(0).headers.end());
  EXPECT_EQ(headers.at("ce-source"), "/models/fl%C3%BCge%2F1%20%20a");
}

TEST(Webhook, SignsOnlyWithASecret) {
  const auto http = std::make_shared<FakeHttp>();
  const auto hook = MakeWebhook({"hook", "https://x", {}, {}}, http);
  http->response.status = 204;
  EXPECT_EQ(hook->Send(RowOf(*hook, Drift())).kind, Outcome::Kind::kDelivered);
  for (const auto& [name, value] : http->requests.at(0).headers) EXPECT_NE(name, "webhook-signature");
}

TEST(Webhook, AnswersBecomeOutcomes) {
  using Kind = Outcome::Kind;
  Server server;
  const auto http = MakeCurlClient();
  const struct {
    const char* path;
    Kind kind;
    std::string error;
    std::optional<std::chrono::seconds> retry_after;
  } kCases[] = {
      {"/200", Kind::kDelivered, "", {}},
      {"/202", Kind::kDelivered, "", {}},
      {"/301", Kind::kGiveUp, "HTTP 301: redirects are not followed", {}},
      {"/400", Kind::kGiveUp, "HTTP 400", {}},
      {"/408", Kind::kRetry, "HTTP 408", {}},
      {"/410", Kind::kGone, "HTTP 410: the endpoint is gone", {}},
      {"/425", Kind::kRetry, "HTTP 425", {}},
      {"/429", Kind::kRetry, "HTTP 429", std::chrono::seconds(7)},
      {"/500", Kind::kRetry, "HTTP 500", {}},
      {"/503", Kind::kRetry, "HTTP 503", {}},
  };
  for (const auto& c : kCases) {
    const auto hook = MakeWebhook({"hook", server.Url(c.path), {}, {}}, http);
    const Outcome outcome = hook->Send(RowOf(*hook, Drift()));
    EXPECT_EQ(outcome.kind, c.kind) << c.path;
    EXPECT_EQ(outcome.error, c.error) << c.path;
    EXPECT_EQ(outcome.retry_after, c.retry_after) << c.path;
  }
}

TEST(RetrainWebhook, TakesRetrainRequestsOfAnySeverity) {
  WebhookOptions options{"retrain", "https://x", {}, {}};
  options.routing.causes = {Cause::kQualityLoss};
  const auto http = std::make_shared<FakeHttp>();
  const auto retrain = MakeRetrainWebhook(options, http);
  IncidentEvent event = Drift();
  event.severity = Severity::kInfo;
  event.cause = Cause::kQualityLoss;
  EXPECT_FALSE(retrain->Wants(event));
  event.type = IncidentEvent::Type::kRetrainRequested;
  EXPECT_TRUE(retrain->Wants(event));
  EXPECT_FALSE(MakeWebhook(options, http)->Wants(event));
  event.cause = Cause::kDataDrift;
  EXPECT_FALSE(retrain->Wants(event));
  EXPECT_EQ(json::parse(retrain->Render(event).body)["type"], "retrain.requested");
  http->response.status = 200;
  EXPECT_EQ(retrain->Send(RowOf(*retrain, event)).kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(http->requests.size(), 1u);
}

}  // namespace
}  // namespace alerts
