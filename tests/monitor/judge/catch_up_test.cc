// Incidents that begin while a model catches up: one digest, nothing lost or told twice by a crash.
#include <gtest/gtest.h>

#include "tests/monitor/judge/drifting_model.h"

namespace monitor::testing {
namespace {

// An hour has 600 records.
class CatchUpTest : public DriftingModel {
 protected:
  // The log holds this many hours when the daemon begins to read it.
  void StartWithBacklog(std::int64_t hours) {
    backlog = hours * 600;
    Again();
  }
  void Again() {
    Restart();
    pipeline.judge->AddShard({"requests", 0}, 0, backlog);
  }
  static json Body(const alerts::OutboxRow& row) { return json::parse(row.body); }

  std::int64_t backlog = 0;
};

TEST_F(CatchUpTest, SeveralIncidentsComeAsOneDigest) {
  StartWithBacklog(11);
  EXPECT_TRUE(Types(Hours("", 4)).empty());
  EXPECT_TRUE(Types(Hours("a", 1)).empty()) << "drift, which the next hour closes";
  Faulty("b");
  EXPECT_TRUE(Types(Hours("", 5)).empty()) << "both are over, but the last of the eleven hours is not read yet";
  const auto rows = Hours("", 1);
  ASSERT_EQ(Types(rows), Names{"hook incident.digest"});
  const json data = Body(rows[0])["data"];
  EXPECT_EQ(data["summary"], "m: 2 incidents while monitord caught up with the log, all over");
  ASSERT_EQ(data["incidents"].size(), 2u);
  for (const json& incident : data["incidents"]) {
    EXPECT_EQ(incident["state"], "resolved");
    EXPECT_FALSE(incident["resolved_at"].is_null());
  }
  EXPECT_EQ((std::set<std::string>{data["incidents"][0]["cause"], data["incidents"][1]["cause"]}),
            (std::set<std::string>{"broken_pipeline", "data_drift"}));
  EXPECT_TRUE(data["alerts"].empty()) << "nothing fires any more";
  EXPECT_TRUE(Retrains().empty()) << "what is over needs no retraining";
  EXPECT_TRUE(Hours("", 2).empty());
  Again();
  EXPECT_TRUE(Hours("", 2).empty()) << "told once";
}

TEST_F(CatchUpTest, ACrashInBetweenLosesNothing) {
  StartWithBacklog(8);
  Hours("", 4);
  Faulty("b");
  EXPECT_TRUE(Hours("", 1).empty());
  Again();  // one incident is over, and its beginning and end lie before this start
  EXPECT_TRUE(Hours("a", 1).empty());
  EXPECT_TRUE(Hours("a", 1).empty());
  Again();  // the other one still fires
  const auto rows = Hours("a", 1);
  ASSERT_EQ(Types(rows), Names{"hook incident.digest"});
  const json data = Body(rows[0])["data"];
  EXPECT_TRUE(data["summary"].get<std::string>().starts_with(
      "m: 2 incidents while monitord caught up with the log, 1 still open; retraining by trainer awaits approval"))
      << data["summary"];
  EXPECT_EQ(data["incidents"][0]["state"], "firing");
  EXPECT_EQ(data["incidents"][1]["state"], "resolved");
  EXPECT_EQ(data["alerts"][0]["feature"], "a");
  ASSERT_EQ(Retrains().size(), 1u) << "for the one that is open";
  const auto over = Hours("", 5);
  ASSERT_EQ(Types(over), Names{"hook incident.resolved"}) << "the open one ends by a message of its own";
  EXPECT_EQ(Body(over[0])["data"]["incident"], data["incidents"][0]["incident"]);
}

TEST_F(CatchUpTest, OneIncidentAloneIsToldAsEver) {
  StartWithBacklog(11);
  Hours("", 4);
  Hours("a", 1);
  EXPECT_TRUE(Hours("", 5).empty());
  EXPECT_EQ(Types(Hours("", 1)), (Names{"hook incident.firing", "hook incident.resolved"}));
}

TEST_F(CatchUpTest, WhatPeopleHadHeardOfGoesOnAtOnce) {
  Hours("", 4);
  ASSERT_EQ(Types(Hours("a", 2)), Names{"hook incident.firing"});
  StartWithBacklog(100);
  EXPECT_EQ(Types(Hours("", 5)), Names{"hook incident.resolved"});
}

}  // namespace
}  // namespace monitor::testing
