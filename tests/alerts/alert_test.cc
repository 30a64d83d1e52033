#include "alerts/alert.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "alerts/messages/digest.h"
#include "alerts/routing.h"
#include "tests/alerts/events.h"

namespace alerts {
namespace {

TEST(Alert, WordsAreTheApis) {
  for (const auto cause :
       {Cause::kBrokenPipeline, Cause::kDataDrift, Cause::kPredictionDrift, Cause::kQualityLoss, Cause::kNoData}) {
    EXPECT_EQ(ParseCause(Text(cause)), cause);
  }
  EXPECT_EQ(Text(Cause::kBrokenPipeline), "broken_pipeline");
  EXPECT_EQ(Text(Cause::kNoData), "no_data");
  EXPECT_EQ(ParseSeverity("critical"), Severity::kCritical);
  EXPECT_EQ(ParseState("resolved"), State::kResolved);
  EXPECT_THROW(ParseCause("drift"), std::invalid_argument);
  EXPECT_THROW(ParseSeverity(""), std::invalid_argument);
  EXPECT_THROW(ParseState("Firing"), std::invalid_argument);
}

TEST(Alert, UnknownIsNullInTheApisShape) {
  Alert alert = FiringAlert("missing:temp", "temp", "temp went missing");
  alert.started_at_ns = kBegan;
  alert.effect = 0.5;
  const auto json = ToJson(alert);
  EXPECT_EQ(json.size(), 37u);
  EXPECT_EQ(json["started_at"], "2013-04-22T00:00:00Z");
  EXPECT_EQ(json["effect"], 0.5);
  EXPECT_EQ(json["count"], 12'345);
  EXPECT_EQ(json["cause"], "data_drift");
  EXPECT_EQ(json["state"], "firing");
  EXPECT_EQ(json["variant"], "");
  for (const char* key : {"began_at", "resolved_at", "value", "baseline", "threshold", "evidence", "url", "incident"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
}

TEST(Alert, StoredFormKeepsEverything) {
  Alert alert = FiringAlert("missing:temp", "temp", "Käse \"quoted\"");
  alert.version = "2";
  alert.variant = "canary";
  alert.incident = "i";
  alert.cause = Cause::kQualityLoss;
  alert.severity = Severity::kCritical;
  alert.began_at_ns = 1;
  alert.started_at_ns = 2;
  alert.resolved_at_ns = 3;
  alert.value = 0.1;
  alert.baseline = 1e-300;
  alert.evidence = -0.0;
  alert.acknowledged = true;
  alert.accepted = true;
  alert.changes = 2;
  alert.changed_at_ns = 4;
  alert.stable_since_ns = 5;
  alert.account = "[]";
  alert.url = "https://x";
  alert.violated_in_a_row = 4;
  alert.clear_in_a_row = 5;
  const auto stored = ToStored(alert);
  EXPECT_EQ(ToStored(FromStored(nlohmann::json::parse(stored.dump()))), stored);
  EXPECT_EQ(FromStored(stored).clear_in_a_row, 5);
  EXPECT_FALSE(FromStored(stored).threshold.has_value());
}

// Values from Python's hashlib over parts preceded by their big-endian 64-bit lengths.
TEST(Ids, AreTheDocumentedHashes) {
  EXPECT_EQ(AlertId("flights", "", "missing:temp", kBegan), "527da78b23450ed1");
  EXPECT_EQ(IncidentId("flights", "", Cause::kBrokenPipeline, kBegan, "a"), "f73e1f6c52ffcc3d");
  EXPECT_EQ(MessageId("i", 1, "slack"), "d0e12038a4461ded84381d3c96aeb51a");
  EXPECT_NE(HexDigest({"ab", "c"}, 16), HexDigest({"a", "bc"}, 16));
  EXPECT_NE(HexDigest({"a", ""}, 16), HexDigest({"a"}, 16));
}

TEST(Routing, ChoosesBySeverityModelAndCause) {
  IncidentEvent event = EventOf(Cause::kDataDrift, {});
  event.severity = Severity::kInfo;
  EXPECT_FALSE(Matches(event, {}));
  event.peak = Severity::kCritical;
  EXPECT_TRUE(Matches(event, {})) << "who heard of it hears that it calmed down";
  EXPECT_TRUE(Matches(event, {Severity::kCritical, {"other", "flights"}, {Cause::kDataDrift}}));
  EXPECT_FALSE(Matches(event, {Severity::kInfo, {"other"}, {}}));
  EXPECT_FALSE(Matches(event, {Severity::kInfo, {}, {Cause::kNoData}}));
}

}  // namespace
}  // namespace alerts
