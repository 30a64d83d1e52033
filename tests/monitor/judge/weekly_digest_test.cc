// Findings of severity `info`: nobody is told of them but by the digest of the week.
#include <gtest/gtest.h>

#include "tests/monitor/judge/drifting_model.h"

namespace monitor::testing {
namespace {

// The traffic begins on Tuesday 2013-01-01, so that the week is over six days later.
constexpr int kHoursOfWeek = 6 * 24;

class WeeklyDigestTest : public DriftingModel {
 protected:
  // Up to the last hour before Monday: `a` shifts by 0.16 standard deviations for a day and a half.
  void WeekWithASmallDrift() {
    EXPECT_TRUE(Hours("", 4).empty());
    shifted_by = 4.5;
    EXPECT_TRUE(Hours("a", 36).empty());
    ASSERT_EQ(pipeline.Alerts().size(), 1u);
    ASSERT_EQ(pipeline.Alerts()[0]["severity"], "info") << pipeline.Alerts()[0]["summary"];
    ASSERT_EQ(pipeline.Alerts()[0]["feature"], "a");
    EXPECT_TRUE(Hours("", kHoursOfWeek - static_cast<int>(hour)).empty());
  }
};

TEST_F(WeeklyDigestTest, SmallFindingsAreToldOnceAWeek) {
  WeekWithASmallDrift();
  const auto rows = Hours("", 1);
  ASSERT_EQ(Types(rows), Names{"hook incident.digest"});
  const json data = json::parse(rows[0].body)["data"];
  EXPECT_EQ(data["summary"],
            "m: 1 finding in the week to 2013-01-07 00:00 UTC, too small or without effect on the predictions, so "
            "nobody was told; all over");
  EXPECT_EQ(data["severity"], "info");
  ASSERT_EQ(data["incidents"].size(), 1u);
  EXPECT_EQ(data["incidents"][0]["state"], "resolved");
  EXPECT_TRUE(Hours("", 7 * 24).empty()) << "a week without findings has no digest";
}

TEST_F(WeeklyDigestTest, ARestartNeitherLosesNorRepeatsIt) {
  WeekWithASmallDrift();
  Restart();
  ASSERT_EQ(Types(Hours("", 1)), Names{"hook incident.digest"});
  Restart();
  EXPECT_TRUE(Hours("", 24).empty());
}

TEST_F(WeeklyDigestTest, WhatWasToldIsNotToldAgain) {
  Hours("", 4);
  ASSERT_EQ(Types(Hours("a", 2)), Names{"hook incident.firing"});
  Hours("", kHoursOfWeek - static_cast<int>(hour));
  EXPECT_TRUE(Hours("", 24).empty());
}

}  // namespace
}  // namespace monitor::testing
