// Accidents of real traffic that other tools answer with an exception, a NaN or silence: here each ends in a named
// verdict.
#include <gtest/gtest.h>

#include "tests/monitor/shop_traffic.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

std::shared_ptr<const baselines::Profile> ShopProfile() {
  static const auto profile = Shop(2).Train();
  return profile;
}

struct Outcome {
  json alerts;
  std::map<std::string, json> columns;  // of the newest window
  std::size_t windows = 0;
  std::uint64_t extra = 0;

  std::string Verdict(const std::string& feature) const { return columns.at(feature)["verdict"]; }
  // Nothing is said against it: in order, or not yet seen for long enough to say so.
  bool Sound(const std::string& feature) const {
    return Verdict(feature) == "ok" || Verdict(feature) == "insufficient";
  }
  // The kind of the first alert of a feature; "" for none.
  std::string Alert(const std::string& feature) const {
    for (const json& alert : alerts) {
      if (alert["feature"] == feature) return alert["change"].is_null() ? "unnamed" : alert["change"];
    }
    return "";
  }
};

void ExpectNoHoles(const json& column) {
  const std::string verdict = column["verdict"];
  EXPECT_TRUE(verdict == "ok" || verdict == "insufficient" || verdict == "drift" || verdict == "broken") << column;
  EXPECT_FALSE(column["why"].get<std::string>().empty()) << column;
  EXPECT_EQ(column["why"].get<std::string>().find("nan"), std::string::npos) << column;
}

Outcome Read(ShopRun& run) {
  Outcome outcome;
  outcome.alerts = run.Finish();
  const json windows = run.pipeline.Windows("shop");
  outcome.windows = windows.size();
  for (const json& window : windows) {
    for (const json& column : window["features"]) ExpectNoHoles(column);
    ExpectNoHoles(window["prediction"]);
    ExpectNoHoles(window["score"]);
  }
  for (const json& column : windows.back()["features"]) outcome.columns[column["name"]] = column;
  outcome.extra = windows.back()["extra"];
  for (const json& alert : outcome.alerts) {
    for (const char* key : {"summary", "likely", "because", "else"}) {
      const std::string text = alert[key].is_null() ? "" : alert[key].get<std::string>();
      EXPECT_FALSE(text.empty()) << key << alert;
      EXPECT_EQ(text.find("nan"), std::string::npos) << alert;
    }
  }
  return outcome;
}

// Some days in order, then some with `change`.
Outcome Happen(const std::function<void(ShopRecord&, double)>& change,
               std::shared_ptr<const baselines::Profile> profile = ShopProfile(), int days = 2, int in_order = 2) {
  ShopRun run(std::move(profile));
  for (int day = 0; day < in_order; ++day) run.Day();
  for (int day = 0; day < days; ++day) run.Day(change);
  return Read(run);
}

// Every nth record.
std::function<void(ShopRecord&, double)> Every(int n, const std::function<void(ShopRecord&)>& change) {
  return [n, change, i = 0](ShopRecord& record, double) mutable {
    if (++i % n == 0) change(record);
  };
}
std::function<void(ShopRecord&)> Raw(const std::string& name, const std::string& value) {
  return [=](ShopRecord& record) { record.raw[name] = value; };
}

TEST(AccidentsTest, AColumnThatIsGone) {
  const Outcome outcome = Happen(Every(1, Raw("celsius", "")));
  EXPECT_EQ(outcome.Verdict("celsius"), "broken");
  EXPECT_EQ(outcome.Alert("celsius"), "missing");
}

TEST(AccidentsTest, AllNaN) {
  const Outcome outcome = Happen(Every(1, Raw("celsius", "NaN")));
  EXPECT_EQ(outcome.Verdict("celsius"), "broken");
  EXPECT_EQ(outcome.Alert("celsius"), "missing");
}

TEST(AccidentsTest, EverySecondNaN) {
  const Outcome outcome = Happen(Every(2, Raw("celsius", "NaN")));
  EXPECT_EQ(outcome.Verdict("celsius"), "broken");
  EXPECT_EQ(outcome.Alert("celsius"), "missing");
}

TEST(AccidentsTest, InfiniteValues) {
  const Outcome outcome = Happen(Every(5, Raw("celsius", "1e999")));
  EXPECT_EQ(outcome.Verdict("celsius"), "broken");
  EXPECT_EQ(outcome.Alert("celsius"), "types");
}

TEST(AccidentsTest, NumbersAsTextsAreNumbers) {
  const Outcome outcome = Happen(
      [](ShopRecord& record, double) { record.raw["celsius"] = "\"" + json(record.numbers["celsius"]).dump() + "\""; });
  EXPECT_TRUE(outcome.Sound("celsius"));
  EXPECT_EQ(outcome.alerts.size(), 0u);
  EXPECT_NEAR(outcome.columns.at("celsius")["mean"].get<double>(), 12, 1);
}

TEST(AccidentsTest, FivePercentOfAnUnseenCategory) {
  const Outcome outcome =
      Happen(Every(20, [](ShopRecord& record) { record.texts["country"] = "PT"; }), ShopProfile(), 5, 26);
  EXPECT_EQ(outcome.Verdict("country"), "drift");
  EXPECT_EQ(outcome.Alert("country"), "new_category");
}

TEST(AccidentsTest, OneUnseenCategoryIn500IsNoAlarm) {
  const Outcome outcome = Happen(Every(500, [](ShopRecord& record) { record.texts["country"] = "PT"; }));
  EXPECT_TRUE(outcome.Sound("country"));
  EXPECT_EQ(outcome.alerts.size(), 0u);
  EXPECT_EQ(outcome.columns.at("country")["unseen"], 2);
}

TEST(AccidentsTest, AThirdOfACategoryMissing) {
  const Outcome outcome = Happen([i = 0](ShopRecord& record, double) mutable {
    if (++i % 10 < 3) record.raw["country"] = "null";
  });
  EXPECT_EQ(outcome.Verdict("country"), "broken");
  EXPECT_EQ(outcome.Alert("country"), "missing");
}

TEST(AccidentsTest, AWindowOfOneRecordIsTooLittle) {
  ShopRun run(ShopProfile());
  run.Day({}, 0.2, 1);
  const Outcome outcome = Read(run);
  EXPECT_EQ(outcome.alerts.size(), 0u);
  EXPECT_EQ(outcome.Verdict("celsius"), "insufficient");
}

TEST(AccidentsTest, ADayWithoutRecordsIsNoWindow) {
  ShopRun run(ShopProfile());
  run.Day();
  run.Day({}, 0.2, 0);
  run.Day();
  const Outcome outcome = Read(run);
  EXPECT_EQ(outcome.windows, 2u);
  EXPECT_EQ(outcome.alerts.size(), 0u);
}

TEST(AccidentsTest, OneOutlierIsNoAlarmAndHidesNoShift) {
  const auto outlier = [](ShopRecord& record, double share) {
    if (std::abs(share - 0.5) < 0.5 / Shop::kRecordsPerDay) record.raw["age"] = "1e12";
  };
  EXPECT_EQ(Happen(outlier).alerts.size(), 0u);
  const Outcome shifted = Happen([&](ShopRecord& record, double share) {
    record.numbers["age"] += 12;
    outlier(record, share);
  });
  EXPECT_EQ(shifted.Verdict("age"), "drift");
  ASSERT_EQ(shifted.alerts.size(), 1u);
  EXPECT_NEAR(shifted.alerts[0]["effect"].get<double>(), 1, 0.15);
  EXPECT_LT(shifted.alerts[0]["effect_low"].get<double>(), 1);
  EXPECT_GT(shifted.alerts[0]["effect_high"].get<double>(), 1);
}

TEST(AccidentsTest, OneOutlierInTrainingIsNoAlarmAndHidesNoShift) {
  const auto profile = Shop(3).Train(6000, [](ShopRecord& record, int row) {
    if (row == 1000) record.numbers["age"] = 1e12;
  });
  EXPECT_EQ(Happen({}, profile).alerts.size(), 0u);
  const Outcome shifted = Happen([](ShopRecord& record, double) { record.numbers["age"] += 12; }, profile);
  EXPECT_EQ(shifted.Verdict("age"), "drift");
  ASSERT_EQ(shifted.alerts.size(), 1u);
  EXPECT_NEAR(shifted.alerts[0]["effect"].get<double>(), 1, 0.15);
}

TEST(AccidentsTest, AnExtraColumnIsCounted) {
  const Outcome outcome = Happen(Every(1, Raw("colour", "\"red\"")));
  EXPECT_EQ(outcome.alerts.size(), 0u);
  EXPECT_EQ(outcome.extra, 1200u);
  EXPECT_TRUE(outcome.Sound("age"));
}

}  // namespace
}  // namespace monitor::testing
