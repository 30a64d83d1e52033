// What of an open incident is worth another message.
#include "alerts/messages/news.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace alerts {
namespace {

constexpr std::int64_t kStart = 1'366'588'800'000'000'000, kHour = 3'600'000'000'000;

Alert Of(const std::string& monitor, Severity severity = Severity::kWarning, double effect = 0.5) {
  Alert alert;
  alert.id = monitor;
  alert.monitor = monitor;
  alert.feature = monitor.substr(monitor.find(':') + 1);
  alert.severity = severity;
  alert.effect = effect;
  return alert;
}

class NewsTest : public ::testing::Test {
 protected:
  NewsTest() { told.Note(first, kStart); }
  // Whether it is news after so many hours, and after a restart.
  bool IsNews(const std::vector<Alert>& firing, int hours) const {
    const bool news = told.IsNews(firing, kStart + hours * kHour);
    EXPECT_EQ(Told::FromStored(told.Stored()).IsNews(firing, kStart + hours * kHour), news);
    return news;
  }

  std::vector<Alert> first{Of("distribution:a")};
  Told told;
};

TEST_F(NewsTest, MoreOfTheSameIsNone) {
  EXPECT_FALSE(IsNews({Of("distribution:a"), Of("distribution:b"), Of("distribution:c")}, 500));
  EXPECT_FALSE(IsNews({Of("distribution:z", Severity::kInfo, 0.1)}, 500)) << "another one alone, smaller";
  EXPECT_FALSE(IsNews({Of("distribution:b", Severity::kWarning, 0.74)}, 500));
}

TEST_F(NewsTest, AnotherKindIs) {
  EXPECT_TRUE(IsNews({first[0], Of("missing:b")}, 24));
  EXPECT_FALSE(IsNews({first[0], Of("missing:b")}, 23)) << "at most once a day";
  Alert mix = Of("distribution:b");
  mix.change.kind = ChangeKind::kMix;
  EXPECT_TRUE(IsNews({first[0], mix}, 24));
  EXPECT_TRUE(IsNews({first[0], Of("rule:psi:b>0.2")}, 24)) << "somebody wants to know";
  told.Note(std::vector{first[0], Of("rule:psi:b>0.2")}, kStart);
  EXPECT_TRUE(IsNews({first[0], Of("rule:psi:c>0.2")}, 24));
}

TEST_F(NewsTest, OfABrokenFeedAnotherFeatureIs) {
  std::vector<Alert> faults{Of("missing:a"), Of("missing:b")};
  for (Alert& fault : faults) fault.cause = Cause::kBrokenPipeline;
  Told of_fault;
  of_fault.Note(std::span(faults).first(1), kStart);
  EXPECT_TRUE(of_fault.IsNews(faults, kStart + 24 * kHour));
}

TEST_F(NewsTest, HigherSeverityIs) {
  EXPECT_TRUE(IsNews({Of("distribution:b", Severity::kCritical)}, 0)) << "at once";
  Told small;
  small.Note(std::vector{Of("distribution:a", Severity::kInfo, 0.1)}, kStart);
  EXPECT_TRUE(small.IsNews(first, kStart)) << "few heard of it before";
}

TEST_F(NewsTest, AnEffectHalfAsLargeAgainIs) {
  EXPECT_TRUE(IsNews({Of("distribution:b", Severity::kWarning, 0.75)}, 24));
  Told unknown;
  Alert without = first[0];
  without.effect.reset();
  unknown.Note(std::vector{without}, kStart);
  EXPECT_FALSE(unknown.IsNews(first, kStart + 24 * kHour)) << "it was not known";
}

TEST_F(NewsTest, TheFirstConfinementIs) {
  Alert confined = first[0];
  confined.change.confined = ", confined to segment EWR: 0.52 there";
  EXPECT_TRUE(IsNews({confined}, 24));
  told.Note(std::vector{confined}, kStart);
  confined.change.confined = ", confined to segment JFK: 0.50 there";
  EXPECT_FALSE(IsNews({first[0], confined}, 48));
}

TEST_F(NewsTest, AFurtherChangeIs) {
  Alert changed = first[0];
  changed.changes = 1;
  EXPECT_TRUE(IsNews({changed}, 24));
  ASSERT_EQ(told.ChangedFurther(std::vector{changed, Of("distribution:b")}).size(), 1U);
  told.Note(std::vector{changed}, kStart);
  EXPECT_FALSE(IsNews({changed}, 24));
}

}  // namespace
}  // namespace alerts
