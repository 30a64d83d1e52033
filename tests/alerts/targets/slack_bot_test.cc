#include "alerts/targets/slack_bot.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/alerts/events.h"
#include "tests/alerts/fake_http.h"

namespace alerts {
namespace {

using nlohmann::json;
using Type = IncidentEvent::Type;
using Kind = Outcome::Kind;

class SlackBotTest : public testing::Test {
 protected:
  SlackBotTest() : target(Make()) {}
  std::shared_ptr<Target> Make() { return MakeSlackBot({"slack", "xoxb-secret", "#alerts", {}}, http); }
  OutboxRow Row(Type type, const std::string& id) {
    IncidentEvent event = EventOf(Cause::kDataDrift, {FiringAlert("distribution:temp", "temp", "temp drifted")});
    event.type = type;
    event.summary = "flights: temp drifted";
    OutboxRow row = target->Render(event);
    row.id = id;
    return row;
  }
  void Says(const std::string& body, int status = 200) { http->answers.push_back({status, body, "", {}}); }
  json Body(std::size_t i) const { return json::parse(http->requests.at(i).body); }
  std::string Method(std::size_t i) const {
    return http->requests.at(i).url.substr(http->requests.at(i).url.rfind('/') + 1);
  }

  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>();
  std::shared_ptr<Target> target;
};

TEST_F(SlackBotTest, UpdatesOneMessageAndKeepsItsHistoryInTheThread) {
  Says(R"({"ok":true,"channel":"C1","ts":"17.01"})");
  const Outcome first = target->Send(Row(Type::kFiring, "1"));
  EXPECT_EQ(first.kind, Kind::kDelivered);
  EXPECT_EQ(first.remember->second, "C1 17.01");
  EXPECT_EQ(Method(0), "chat.postMessage");
  EXPECT_EQ(Body(0)["channel"], "#alerts");
  EXPECT_FALSE(Body(0).contains("thread_ts"));
  EXPECT_LE(Body(0)["blocks"].size(), 50u);

  target = Make();  // a restart
  target->Recall(first.remember->first, first.remember->second);
  Says(R"({"ok":true,"channel":"C1","ts":"17.01"})");
  Says(R"({"ok":true,"channel":"C1","ts":"17.02"})");
  EXPECT_EQ(target->Send(Row(Type::kUpdated, "2")).kind, Kind::kContinue);
  EXPECT_EQ(target->Send(Row(Type::kUpdated, "2")).kind, Kind::kDelivered);
  EXPECT_EQ(Method(1), "chat.update");
  EXPECT_EQ(Body(1)["ts"], "17.01");
  EXPECT_EQ(Body(1)["channel"], "C1");
  EXPECT_EQ(Method(2), "chat.postMessage");
  EXPECT_EQ(Body(2)["thread_ts"], "17.01");

  Says(R"({"ok":true})");
  Says(R"({"ok":true})");
  EXPECT_EQ(target->Send(Row(Type::kResolved, "3")).kind, Kind::kContinue);
  const Outcome last = target->Send(Row(Type::kResolved, "3"));
  EXPECT_EQ(last.remember->second, "") << "over: forgotten";
  EXPECT_EQ(target->spacing(), std::chrono::seconds(1));
}

TEST_F(SlackBotTest, AnOkThatIsNoneIsAFailure) {
  Says(R"({"ok":false,"error":"ratelimited"})");
  EXPECT_EQ(target->Send(Row(Type::kFiring, "1")).kind, Kind::kRetry);
  Says(R"({"ok":false,"error":"invalid_auth"})");
  const Outcome refused = target->Send(Row(Type::kFiring, "1"));
  EXPECT_EQ(refused.kind, Kind::kGiveUp);
  EXPECT_EQ(refused.error, "Slack refuses (invalid_auth)");
  Says("<html>");
  EXPECT_EQ(target->Send(Row(Type::kFiring, "1")).kind, Kind::kRetry);
  http->answers.push_back({429, "", "", 30});
  EXPECT_EQ(target->Send(Row(Type::kFiring, "1")).retry_after, std::chrono::seconds(30));
}

TEST_F(SlackBotTest, AMessageThatIsGoneIsPostedAnew) {
  target->Recall("1f9c0aa11f9c0aa1", "C1 17.01");
  Says(R"({"ok":false,"error":"message_not_found"})");
  Says(R"({"ok":true,"channel":"C1","ts":"18.01"})");
  const Outcome outcome = target->Send(Row(Type::kUpdated, "2"));
  EXPECT_EQ(outcome.kind, Kind::kDelivered);
  EXPECT_EQ(outcome.remember->second, "C1 18.01");
}

TEST_F(SlackBotTest, TheTokenIsInTheHeaderAlone) {
  Says(R"({"ok":false,"error":"xoxb-secret"})");
  const OutboxRow row = Row(Type::kFiring, "1");
  const Outcome outcome = target->Send(row);
  EXPECT_EQ(row.body.find("xoxb"), row.body.npos);
  EXPECT_EQ(outcome.error, "Slack refuses");
  EXPECT_EQ(http->requests[0].headers[1], (std::pair<std::string, std::string>("authorization", "Bearer xoxb-secret")));
}

}  // namespace
}  // namespace alerts
