#include "alerts/targets/slack.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "alerts/messages/headline.h"
#include "alerts/messages/text.h"
#include "tests/alerts/events.h"
#include "tests/alerts/fake_http.h"

namespace alerts {
namespace {

using nlohmann::json;

IncidentEvent BrokenFeed(int features) {
  std::vector<Alert> alerts;
  for (int i = 0; i < features; ++i) {
    const std::string name = std::string("f").append(std::to_string(i));
    alerts.push_back(FiringAlert("missing:" + name, name, name + " is missing in 100 % of the rows"));
  }
  IncidentEvent event = EventOf(Cause::kBrokenPipeline, std::move(alerts));
  event.severity = Severity::kCritical;
  event.owner = "#team-flights";
  event.runbook = "https://wiki.example.com/flights?a=1&b=2";
  event.url = "https://monitor.example.com/incident";
  event.summary = Headline(event);
  return event;
}

TEST(Slack, SaysWhatSinceWhenWhyAndWhatToDo) {
  const IncidentEvent event = BrokenFeed(7);
  const json message = json::parse(SlackBody(event));
  EXPECT_EQ(message["text"], "flights: data feed broken: f0 and 6 other features went missing");
  const json& blocks = message["blocks"];
  ASSERT_EQ(blocks.size(), 5u);
  EXPECT_EQ(blocks[0]["text"]["text"], ":rotating_light: flights: data feed broken");
  EXPECT_EQ(blocks[1]["text"]["text"], message["text"]);
  EXPECT_EQ(blocks[2]["text"]["text"],
            "• f0 is missing in 100 % of the rows\n• f1 is missing in 100 % of the rows\n"
            "• f2 is missing in 100 % of the rows\n• f3 is missing in 100 % of the rows\n"
            "• f4 is missing in 100 % of the rows\n… and 2 more");
  const json& fields = blocks[3]["fields"];
  ASSERT_EQ(fields.size(), 4u);
  EXPECT_EQ(fields[0]["text"], "*Began*\n2013-04-22 00:00 UTC");
  EXPECT_EQ(fields[1]["text"], "*Noticed*\n2013-04-23 00:00 UTC");
  EXPECT_EQ(fields[2]["text"], "*Cause*\nlooks like a fault of the data feed, not drift");
  EXPECT_EQ(fields[3]["text"], "*Rows*\n12,345 of version 1");
  const json& context = blocks[4]["elements"];
  ASSERT_EQ(context.size(), 7u);
  EXPECT_EQ(context[0]["text"], "#team-flights");
  EXPECT_EQ(context[1]["text"], "<https://monitor.example.com/incident|Details>");
  EXPECT_EQ(context[2]["text"], "<https://wiki.example.com/flights?a=1&amp;b=2|Runbook>");
  EXPECT_EQ(context[3]["text"], "`monitorctl explain " + event.alerts[0].id + "`");
  EXPECT_EQ(context[4]["text"], "`monitorctl ack " + event.incident + "`");
  EXPECT_EQ(context[5]["text"], "`monitorctl accept " + event.incident + "`");
  EXPECT_EQ(context[6]["text"], "`monitorctl silence " + event.model + " --for 2h`");
  EXPECT_EQ(SlackBody(event), SlackBody(event));
}

TEST(Slack, SaysWhoseRecordsWhereTheyLieAndWhatElseChanged) {
  IncidentEvent event = BrokenFeed(1);
  event.variant = "canary";
  event.circumstances.traffic_share = 0.234;
  event.circumstances.changes = {"2013-04-21 23:00 UTC: version 1 came into the traffic"};
  event.circumstances.brokers = "kafka-1:9092,kafka-2:9092";
  event.circumstances.records = {{"flights.requests", 3, 1'200, 5'000}};
  const json blocks = json::parse(SlackBody(event))["blocks"];
  EXPECT_EQ(blocks[2]["fields"][3]["text"], "*Rows*\n12,345 of version 1, canary: 23 % of the traffic");
  EXPECT_EQ(blocks[3]["text"]["text"],
            "*What else changed around then*\n• 2013-04-21 23:00 UTC: version 1 came into the traffic\n"
            "*The records*\n`kcat -C -b kafka-1:9092,kafka-2:9092 -t flights.requests -p 3 -o 1200 -c 3800 -e`");
}

TEST(Slack, AnUpdateCountsWhatRecovered) {
  IncidentEvent event = BrokenFeed(3);
  event.type = IncidentEvent::Type::kUpdated;
  event.alerts[2].state = State::kResolved;
  const json blocks = json::parse(SlackBody(event))["blocks"];
  EXPECT_EQ(blocks[0]["text"]["text"], ":rotating_light: flights: data feed broken, changed");
  EXPECT_EQ(blocks[2]["text"]["text"],
            "• f0 is missing in 100 % of the rows\n• f1 is missing in 100 % of the rows\n1 recovered");
}

TEST(Slack, ResolvedIsShort) {
  IncidentEvent event = BrokenFeed(7);
  event.type = IncidentEvent::Type::kResolved;
  event.summary = "resolved: all is well";
  const json blocks = json::parse(SlackBody(event))["blocks"];
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0]["text"]["text"], ":white_check_mark: flights: data feed broken is over");
  EXPECT_EQ(blocks[1]["text"]["text"], "resolved: all is well");
  EXPECT_EQ(blocks[2]["elements"].size(), 2u);
}

TEST(Slack, EscapesWhatOthersWrote) {
  IncidentEvent event = EventOf(Cause::kDataDrift, {FiringAlert("unseen:carrier", "carrier", "new: <!channel> & co")});
  event.model = "a<b";
  event.owner = "<@U123>";
  event.url = "https://x/|evil>";
  event.runbook = "javascript:<alert>";
  event.summary = Headline(event);
  const std::string body = SlackBody(event);
  EXPECT_EQ(body.find("<!channel>"), body.npos);
  EXPECT_NE(body.find("&lt;!channel&gt; &amp; co"), body.npos);
  EXPECT_EQ(body.find("<@U123>"), body.npos);
  EXPECT_NE(body.find("<https://x/%7Cevil%3E|Details>"), body.npos);
  EXPECT_NE(body.find("Runbook: javascript:&lt;alert&gt;"), body.npos);
  EXPECT_NE(body.find(":warning: a&lt;b: data drift"), body.npos);
}

void ExpectWithinLimits(const std::string& body) {
  const json message = json::parse(body);  // throws for what is no UTF-8
  EXPECT_LE(Length(message["text"].get<std::string>()), 3'000u);
  const json& blocks = message["blocks"];
  EXPECT_LE(blocks.size(), 50u);
  EXPECT_LE(Length(blocks.dump()), 13'000u);
  for (const json& block : blocks) {
    if (block["type"] == "header") {
      EXPECT_LE(Length(block["text"]["text"].get<std::string>()), 150u);
      continue;
    }
    if (block.contains("text")) {
      EXPECT_LE(Length(block["text"]["text"].get<std::string>()), 3'000u);
      EXPECT_FALSE(block["text"]["text"].get<std::string>().empty());
    }
    if (block.contains("fields")) {
      EXPECT_LE(block["fields"].size(), 10u);
      for (const json& field : block["fields"]) EXPECT_LE(Length(field["text"].get<std::string>()), 2'000u);
    }
    if (block.contains("elements")) {
      EXPECT_LE(block["elements"].size(), 10u);
    }
  }
}

TEST(Slack, StaysWithinTheLimitsWhateverTheEventHolds) {
  const auto repeat = [](std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
  };
  for (const char* text : {"ä", "🧀", "&", "<", "\"", "\\", "\x01", "\xff", "字"}) {
    const std::string long_text = repeat(text, 3'000);
    std::vector<Alert> alerts(200, FiringAlert("missing:" + long_text, long_text, long_text));
    for (Alert& alert : alerts) alert.id = long_text;
    for (const auto type :
         {IncidentEvent::Type::kFiring, IncidentEvent::Type::kUpdated, IncidentEvent::Type::kResolved}) {
      IncidentEvent event = EventOf(Cause::kPredictionDrift, alerts);
      event.type = type;
      event.model = event.variant = event.owner = long_text;
      event.runbook = event.url = std::string("https://x/").append(repeat(text, 300));
      event.summary = Headline(event);
      ExpectWithinLimits(SlackBody(event));
      event.runbook = event.url = std::string("https://x/").append(long_text);
      ExpectWithinLimits(SlackBody(event));
    }
  }
  ExpectWithinLimits(SlackBody(IncidentEvent{}));
}

TEST(Slack, AnswersBecomeOutcomes) {
  using Kind = Outcome::Kind;
  const std::string url = "https://hooks.slack.com/services/T/B/secret";
  const struct {
    HttpResponse response;
    Kind kind;
    std::string error;
  } kCases[] = {
      {{200, "ok", "", {}}, Kind::kDelivered, ""},
      {{429, "rate_limited", "", 30}, Kind::kRetry, "HTTP 429 (rate_limited)"},
      {{500, "rollup_error", "", {}}, Kind::kRetry, "HTTP 500 (rollup_error)"},
      {{0, "", "timed out", {}}, Kind::kRetry, "timed out"},
      {{404, "no_service", "", {}}, Kind::kGiveUp, "HTTP 404 (no_service)"},
      {{403, "action_prohibited", "", {}}, Kind::kGiveUp, "HTTP 403 (action_prohibited)"},
      {{410, "channel_is_archived", "", {}}, Kind::kGone, "HTTP 410: the endpoint is gone (channel_is_archived)"},
      {{400, "No such hook: " + url, "", {}}, Kind::kGiveUp, "HTTP 400"},
      {{302, "", "", {}}, Kind::kGiveUp, "HTTP 302: redirects are not followed"},
  };
  const auto http = std::make_shared<FakeHttp>();
  const auto slack = MakeSlack({"slack", url, {}}, http);
  OutboxRow row = slack->Render(BrokenFeed(1));
  EXPECT_EQ(row.content_type, "application/json");
  for (const auto& c : kCases) {
    http->response = c.response;
    const Outcome outcome = slack->Send(row);
    EXPECT_EQ(outcome.kind, c.kind) << c.response.status;
    EXPECT_EQ(outcome.error, c.error);
  }
  http->response = {429, "", "", 30};
  EXPECT_EQ(slack->Send(row).retry_after, std::chrono::seconds(30));
  EXPECT_EQ(http->requests.back().url, url);
  EXPECT_EQ(http->requests.back().body, row.body);
  slack->Interrupt();
  EXPECT_TRUE(http->interrupted);
}

TEST(Slack, TakesIncidentsOnly) {
  const auto slack = MakeSlack({"slack", "https://x", {Severity::kCritical, {}, {}}}, std::make_shared<FakeHttp>());
  IncidentEvent event = BrokenFeed(1);
  EXPECT_TRUE(slack->Wants(event));
  event.severity = Severity::kWarning;
  EXPECT_FALSE(slack->Wants(event));
  event.severity = Severity::kCritical;
  event.type = IncidentEvent::Type::kRetrainRequested;
  EXPECT_FALSE(slack->Wants(event));
}

}  // namespace
}  // namespace alerts
