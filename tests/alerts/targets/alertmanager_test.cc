#include "alerts/targets/alertmanager.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/alerts/events.h"
#include "tests/alerts/fake_http.h"

namespace alerts {
namespace {

using nlohmann::json;
using Type = IncidentEvent::Type;

class AlertmanagerTest : public testing::Test {
 protected:
  AlertmanagerTest() : target(Make()) { http->response.status = 200; }
  std::shared_ptr<Target> Make() {
    return MakeAlertmanager({"am", "http://am:9093/", "", "", {}, [this] { return now; }}, http);
  }
  static IncidentEvent Event(Type type, Severity severity = Severity::kWarning) {
    IncidentEvent event = EventOf(Cause::kDataDrift, {FiringAlert("distribution:temp", "temp", "temp drifted")});
    event.type = type;
    event.severity = event.peak = severity;
    event.summary = "flights: temp drifted";
    event.owner = "#team";
    return event;
  }
  Outcome Send(Type type, Severity severity = Severity::kWarning) {
    return target->Send(target->Render(Event(type, severity)));
  }
  json Last() const { return json::parse(http->requests.back().body); }

  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>();
  std::int64_t now = kBegan + 2 * kDay;  // 2013-04-24T00:00:00Z
  std::shared_ptr<Target> target;
};

TEST_F(AlertmanagerTest, FiresUntilThreeIntervalsFromNow) {
  ASSERT_EQ(Send(Type::kFiring).kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(http->requests[0].url, "http://am:9093/api/v2/alerts");
  const json alert = Last()[0];
  EXPECT_EQ(alert["labels"], (json{{"alertname", "ModelDataDrift"},
                                   {"model", "flights"},
                                   {"cause", "data_drift"},
                                   {"severity", "warning"},
                                   {"incident", "1f9c0aa11f9c0aa1"},
                                   {"owner", "#team"}}));
  EXPECT_EQ(alert["annotations"]["summary"], "flights: temp drifted");
  EXPECT_EQ(alert["startsAt"], "2013-04-23T00:00:00Z");
  EXPECT_EQ(alert["endsAt"], "2013-04-24T00:03:00Z");
}

TEST_F(AlertmanagerTest, RefreshesWhatFiresAlsoAfterARestart) {
  target->Refresh();
  EXPECT_TRUE(http->requests.empty());
  const Outcome told = Send(Type::kFiring);
  now += 60'000'000'000;
  target->Refresh();
  EXPECT_EQ(Last()[0]["endsAt"], "2013-04-24T00:04:00Z");
  const auto restarted = Make();
  restarted->Recall(told.remember->first, told.remember->second);
  restarted->Refresh();
  EXPECT_EQ(http->requests.size(), 3u);
  EXPECT_EQ(Last()[0]["labels"]["incident"], "1f9c0aa11f9c0aa1");
  EXPECT_GT(restarted->refresh_interval().count(), 0);
  EXPECT_LT(restarted->refresh_interval(), std::chrono::minutes(5)) << "Alertmanager's resolve time-out";
}

TEST_F(AlertmanagerTest, AResolutionEndsItNowAndIsNotRefreshed) {
  Send(Type::kFiring);
  const Outcome over = Send(Type::kResolved);
  EXPECT_EQ(Last()[0]["endsAt"], "2013-04-24T00:00:00Z");
  EXPECT_EQ(over.remember->second, "");
  const std::size_t before = http->requests.size();
  target->Refresh();
  EXPECT_EQ(http->requests.size(), before);
}

TEST_F(AlertmanagerTest, AnotherSeverityEndsTheOldAlert) {
  Send(Type::kFiring);
  Send(Type::kUpdated, Severity::kCritical);
  ASSERT_EQ(Last().size(), 2u);
  EXPECT_EQ(Last()[0]["labels"]["severity"], "warning");
  EXPECT_EQ(Last()[0]["endsAt"], "2013-04-24T00:00:00Z");
  EXPECT_EQ(Last()[1]["labels"]["severity"], "critical");
  EXPECT_EQ(Last()[1]["endsAt"], "2013-04-24T00:03:00Z");
}

TEST_F(AlertmanagerTest, AFailureIsTriedAgainAndRemembersNothing) {
  http->response.status = 500;
  const Outcome outcome = Send(Type::kFiring);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kRetry);
  EXPECT_FALSE(outcome.remember);
  const std::size_t before = http->requests.size();
  target->Refresh();
  EXPECT_EQ(http->requests.size(), before);
}

TEST_F(AlertmanagerTest, EventTimeAheadOfTheClockStartsBeforeItEnds) {
  now = kBegan;
  Send(Type::kFiring);
  EXPECT_LT(Last()[0]["startsAt"], Last()[0]["endsAt"]);
  Send(Type::kResolved);
  EXPECT_LT(Last()[0]["startsAt"], Last()[0]["endsAt"]);
}

}  // namespace
}  // namespace alerts
