#include "alerts/messages/headline.h"

#include <gtest/gtest.h>

#include "tests/alerts/events.h"

namespace alerts {
namespace {

std::vector<Alert> Alerts(const std::string& kind, const std::vector<std::string>& features) {
  std::vector<Alert> alerts;
  for (const auto& feature : features)
    alerts.push_back(FiringAlert(kind + ":" + feature, feature, feature + " is off"));
  return alerts;
}

TEST(Headline, OneAlertSpeaksForItself) {
  const auto alone = [](const std::string& summary) {
    return Headline(EventOf(Cause::kNoData, {FiringAlert("no_data", "", summary)}));
  };
  EXPECT_EQ(alone("no data since 2013-04-22 00:00 UTC"), "flights: no data since 2013-04-22 00:00 UTC");
  EXPECT_EQ(alone("flights: no data since noon"), "flights: no data since noon");
  EXPECT_EQ(alone(""), "flights: records stopped coming");
}

TEST(Headline, NamesTheFeaturesThatDrifted) {
  EXPECT_EQ(Headline(EventOf(Cause::kDataDrift, Alerts("distribution", {"temp", "dewp", "pressure"}))),
            "flights: 3 features drifted from the baseline: temp, dewp, pressure");
  EXPECT_EQ(Headline(EventOf(Cause::kDataDrift, Alerts("distribution", {"a", "b", "c", "d", "e", "f", "g"}))),
            "flights: 7 features drifted from the baseline: a, b, c, d, e and 2 more");
}

TEST(Headline, SeveralAlertsOfOneFeatureAreOneFeature) {
  auto alerts = Alerts("distribution", {"temp"});
  alerts.push_back(FiringAlert("rule:psi:temp", "temp", "psi of temp is above 0.25"));
  EXPECT_EQ(Headline(EventOf(Cause::kDataDrift, alerts)), "flights: temp is off");
}

TEST(Headline, SaysWhatBrokeInTheFeed) {
  const auto broken = [](std::vector<Alert> alerts) {
    return Headline(EventOf(Cause::kBrokenPipeline, std::move(alerts)));
  };
  EXPECT_EQ(broken(Alerts("missing", {"temp", "a", "b", "c", "d", "e", "f", "g"})),
            "flights: data feed broken: temp and 7 other features went missing");
  EXPECT_EQ(broken(Alerts("unseen", {"temp", "a"})),
            "flights: data feed broken: temp and 1 other feature hold values that training never saw");
  EXPECT_EQ(broken(Alerts("constant", {"temp", "a"})),
            "flights: data feed broken: temp and 1 other feature stand still");
  auto gap = Alerts("missing", {"temp"});
  gap.push_back(FiringAlert("log_gap:flights.requests/0", "", ""));
  EXPECT_EQ(broken(gap), "flights: data feed broken: temp, flights.requests/0");
  auto mixed = Alerts("missing", {"temp"});
  mixed.push_back(FiringAlert("unseen:a", "a", ""));
  EXPECT_EQ(broken(mixed), "flights: data feed broken: temp and 1 other feature look wrong");
}

TEST(Headline, NamesMetricsWhereThereIsNoFeature) {
  IncidentEvent event = EventOf(Cause::kQualityLoss, {FiringAlert("quality:accuracy", "", "accuracy fell"),
                                                      FiringAlert("rule:f1", "", "f1 fell")});
  event.variant = "canary";
  EXPECT_EQ(Headline(event), "flights (canary): prediction quality fell: accuracy, f1");
}

TEST(Headline, LeavesOutWhatRecovered) {
  auto alerts = Alerts("distribution", {"temp", "dewp"});
  alerts[1].state = State::kResolved;
  EXPECT_EQ(Headline(EventOf(Cause::kDataDrift, alerts)), "flights: temp is off");
}

TEST(Headline, TellsHowLongItLasted) {
  Incident incident;
  incident.summary = "flights: temp is off.";
  incident.opened_at_ns = kBegan + kDay;
  incident.resolved_at_ns = kBegan + 3 * kDay;
  EXPECT_EQ(ResolvedHeadline(incident), "resolved: flights: temp is off; it lasted 2 d");
  incident.began_at_ns = kBegan;
  EXPECT_EQ(ResolvedHeadline(incident), "resolved: flights: temp is off; it lasted 3 d");
}

}  // namespace
}  // namespace alerts
