// Faults put into the traffic of a made-up shop, through the real pipeline: is the cause named, and a retraining
// advised only where it would help?
#include <gtest/gtest.h>

#include "tests/monitor/shop_traffic.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

struct Fault {
  std::string name;
  std::function<void(ShopRecord&)> change;
  std::string feature;              // that the alert is about; "" for none
  std::string cause, kind, likely;  // `likely`: part of it
  bool retrain = false;
  double from = 0;  // share of the day at which it begins
  int days = 2;
  bool relevant = true;  // else the model does not use the feature, and a real change of it is `info`
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

std::shared_ptr<const baselines::Profile> ShopProfile() {
  static const auto profile = Shop(1).Train();
  return profile;
}

std::string Text(const json& alert, const char* key) {
  return alert[key].is_string() ? alert[key].get<std::string>() : "";
}

std::string Told(const json& alerts) {
  std::string text;
  for (const json& alert : alerts) {
    text += "\n  " + Text(alert, "started_at") + " " + Text(alert, "severity") + " " + Text(alert, "monitor") + " " +
            Text(alert, "change") + ": likely " + Text(alert, "likely") + ", because " + Text(alert, "because");
  }
  return text;
}

class InjectedFaults : public ::testing::TestWithParam<Fault> {};

TEST_P(InjectedFaults, AreNamed) {
  const Fault& fault = GetParam();
  ShopRun run(ShopProfile());
  run.Day();
  run.Day();
  const std::string began = alerts::FormatTime(run.Now());
  for (int day = 0; day < fault.days; ++day) {
    run.Day([&](ShopRecord& record, double share) {
      if (day > 0 || share >= fault.from) fault.change(record);
    });
  }
  const json alerts = run.Finish();
  json found;
  for (const json& alert : alerts) {
    EXPECT_GE(Text(alert, "started_at"), began) << "a false alarm:" << Told(alerts);
    if (Text(alert, "feature") == fault.feature && Text(alert, "change") == fault.kind && found.is_null())
      found = alert;
    if (!fault.retrain) {
      EXPECT_NE(alert["retrain"], true) << Told(alerts);
    }
  }
  ASSERT_FALSE(found.is_null()) << "not found:" << Told(alerts);
  EXPECT_EQ(Text(found, "cause"), fault.cause) << Told(alerts);
  EXPECT_NE(Text(found, "likely").find(fault.likely), std::string::npos) << Told(alerts);
  EXPECT_FALSE(Text(found, "because").empty());
  EXPECT_FALSE(Text(found, "else").empty());
  EXPECT_EQ(found["retrain"], fault.retrain);
  EXPECT_EQ(Text(found, "severity") != "info", fault.relevant);
}

std::function<void(ShopRecord&)> Number(const std::string& name, const std::function<double(double)>& map) {
  return [=](ShopRecord& record) { record.numbers[name] = map(record.numbers[name]); };
}
std::function<void(ShopRecord&)> Raw(const std::string& name, const std::string& value) {
  return [=](ShopRecord& record) { record.raw[name] = value; };
}

const char* const kBroken = "broken_pipeline";

INSTANTIATE_TEST_SUITE_P(
    Table, InjectedFaults,
    ::testing::Values(
        Fault{"NullSpike", Raw("celsius", "null"), "celsius", kBroken, "missing", "`celsius` is no longer filled",
              false, 0.5},
        Fault{"Constant", Raw("amount", "19.99"), "amount", kBroken, "constant", "`amount` is frozen", false, 0.5},
        Fault{"Thousandfold", Number("amount", [](double x) { return x * 1000; }), "amount", kBroken, "unit",
              "`amount` changed (×1000)", false, 0.5},
        Fault{"Thousandth", Number("amount", [](double x) { return x / 1000; }), "amount", kBroken, "unit",
              "`amount` changed (×0.001)"},
        Fault{"Hundredfold", Number("balance", [](double x) { return x * 100; }), "balance", kBroken, "unit",
              "`balance` changed (×100)", false, 0.5},
        Fault{"Fahrenheit", Number("celsius", [](double x) { return 1.8 * x + 32; }), "celsius", kBroken, "unit",
              "°C to °F"},
        Fault{"Swapped", [](ShopRecord& record) { std::swap(record.numbers["age"], record.numbers["celsius"]); }, "age",
              kBroken, "swapped", "`age` and `celsius` are swapped"},
        Fault{"SwappedTexts", [](ShopRecord& record) { std::swap(record.texts["country"], record.texts["channel"]); },
              "country", kBroken, "swapped", "`country` and `channel` are swapped", false, 0.5},
        Fault{"NewCategory",
              [](ShopRecord& record) {
                if (record.numbers["age"] > 55) record.texts["channel"] = "tv";
              },
              "channel", kBroken, "new_category", "categories that training never saw"},
        Fault{"Renamed",
              [](ShopRecord& record) {
                if (record.texts["country"] == "DE") record.texts["country"] = "Germany";
              },
              "country", kBroken, "renamed", "was renamed (DE → Germany)", false, 0.5},
        Fault{"RenamedSmall",
              [](ShopRecord& record) {
                if (record.texts["country"] == "ES") record.texts["country"] = "es";
              },
              "country", kBroken, "renamed", "was renamed (ES → es)"},
        Fault{"SignFlip", Number("amount", [](double x) { return -x; }), "amount", kBroken, "sign_flip",
              "the sign of `amount`"},
        Fault{"Clipped", Number("age", [](double x) { return std::min(x, 50.0); }), "age", kBroken, "clipped",
              "`age` is cut off (at most 50)"},
        Fault{"Texts", Raw("amount", "\"12 EUR\""), "amount", kBroken, "types", "another type", false, 0.5},
        Fault{"RealDrift", Number("age", [](double x) { return x + 6; }), "age", "data_drift", "moved",
              "the inputs really changed: `age`", false, 0, 8, false}),
    [](const auto& named) { return named.param.name; });

TEST(InjectedFaults, FeaturesThatGoTogetherHaveOneSource) {
  ShopRun run(ShopProfile());
  run.Day();
  run.Day([](ShopRecord& record, double share) {
    if (share > 0.5) record.raw["celsius"] = record.raw["amount"] = record.raw["age"] = "null";
  });
  const json alerts = run.Finish();
  std::set<std::string> incidents;
  for (const json& alert : alerts) incidents.insert(Text(alert, "incident"));
  EXPECT_EQ(incidents.size(), 1u) << Told(alerts);
  const auto incident = run.pipeline.store->OpenIncidents();
  ASSERT_EQ(incident.size(), 1u);
  EXPECT_EQ(incident[0].cause, alerts::Cause::kBrokenPipeline);
}

TEST(InjectedFaults, ABatchThatIsSentTwice) {
  ShopRun run(ShopProfile());
  run.Day();
  std::vector<ShopRecord> batch;
  run.Day([&](ShopRecord& record, double share) {
    if (share > 0.5 && batch.size() < 100) batch.push_back(record);
    if (batch.size() == 100) {
      // Sent again within the hour, with the time of sending.
      for (ShopRecord again : std::exchange(batch, {ShopRecord{}})) {
        again.time_ns = again.arrival_ns = record.time_ns;
        run.Send(again);
      }
      batch.resize(101);
    }
  });
  const json alerts = run.Finish();
  ASSERT_EQ(alerts.size(), 1u) << Told(alerts);
  EXPECT_EQ(alerts[0]["monitor"], "duplicates");
  EXPECT_EQ(alerts[0]["change"], "duplicates");
  EXPECT_EQ(alerts[0]["cause"], kBroken);
  EXPECT_EQ(alerts[0]["likely"], "a batch was sent twice");
  EXPECT_EQ(alerts[0]["retrain"], false);
  EXPECT_EQ(run.pipeline.Model("shop").counters.duplicates, 100u);
}

class Clocks : public ::testing::TestWithParam<int> {};

TEST_P(Clocks, ThatGoWrongByHoursAreToldWithinTheHour) {
  const int hours = GetParam();
  ShopRun run(ShopProfile());
  run.Day();
  run.Day([&](ShopRecord& record, double share) {
    if (share > 0.5) record.time_ns += hours * 3600 * kSecond;
  });
  // Before the clocks have caught up: the newest pane is still open.
  run.pipeline.judge->Checkpoint();
  const json alerts = run.pipeline.Alerts();
  ASSERT_EQ(alerts.size(), 1u) << Told(alerts);
  EXPECT_EQ(alerts[0]["monitor"], "clock");
  EXPECT_EQ(alerts[0]["change"], "clock");
  EXPECT_EQ(alerts[0]["cause"], kBroken);
  EXPECT_EQ(alerts[0]["likely"], hours < 0 ? "the clock or time zone of a producer is wrong (5 h behind)"
                                           : "the clock or time zone of a producer is wrong (ahead of their arrival)");
  EXPECT_EQ(alerts[0]["retrain"], false);
}
INSTANTIATE_TEST_SUITE_P(BehindAndAhead, Clocks, ::testing::Values(-5, 5));

TEST(InjectedFaults, ConceptDriftWithoutFeatureDriftIsWorthARetraining) {
  ShopRun run(ShopProfile());
  for (int day = 0; day < 3; ++day) run.Day();
  for (int day = 0; day < 4; ++day) {
    run.Day([&](ShopRecord& record, double) { record.label = run.shop.Uniform() < 0.5; });
  }
  const json alerts = run.Finish();
  ASSERT_FALSE(alerts.empty());
  for (const json& alert : alerts) {
    EXPECT_EQ(alert["cause"], "quality_loss") << Told(alerts);
    EXPECT_NE(Text(alert, "likely").find("concept drift"), std::string::npos) << Told(alerts);
    EXPECT_EQ(alert["retrain"], true);
  }
}

// No day of 48 labels is enough to judge quality by itself.
TEST(InjectedFaults, ConceptDriftIsToldOfLittleTrafficToo) {
  ShopRun run(ShopProfile());
  for (int day = 0; day < 10; ++day) run.Day({}, 0.2, 48);
  for (int day = 0; day < 14; ++day)
    run.Day([&](ShopRecord& record, double) { record.label = run.shop.Uniform() < 0.5; }, 0.2, 48);
  const json alerts = run.Finish();
  const auto loss =
      std::ranges::find_if(alerts, [](const json& alert) { return alert["monitor"] == "quality:accuracy"; });
  ASSERT_NE(loss, alerts.end()) << Told(alerts);
  EXPECT_EQ((*loss)["severity"], "critical") << Told(alerts);
  EXPECT_GE((*loss)["count"], 100) << Told(alerts);
}

TEST(InjectedFaults, AShiftedMixOfTrafficIsNoReasonToRetrain) {
  ShopRun run(ShopProfile());
  run.Day();
  run.Day();
  for (int day = 0; day < 3; ++day) run.Day({}, 0.6);
  const json alerts = run.Finish();
  ASSERT_FALSE(alerts.empty());
  bool named = false;
  for (const json& alert : alerts) {
    EXPECT_EQ(alert["cause"], "data_drift") << Told(alerts);
    EXPECT_EQ(alert["retrain"], false) << Told(alerts);
    named = named || (alert["change"] == "mix" && alert["feature"] == "channel" &&
                      Text(alert, "likely").starts_with("the mix of the traffic changed"));
  }
  EXPECT_TRUE(named) << Told(alerts);
}

TEST(InjectedFaults, PredictionsThatMoveAloneComeFromTheModel) {
  ShopRun run(ShopProfile());
  run.Day();
  run.Day();
  for (int day = 0; day < 5; ++day) run.Day([](ShopRecord& record, double) { record.score = std::sqrt(record.score); });
  const json alerts = run.Finish();
  bool named = false;
  for (const json& alert : alerts) {
    EXPECT_NE(alert["cause"], "data_drift") << Told(alerts);
    named = named || (alert["cause"] == "prediction_drift" &&
                      Text(alert, "likely").starts_with("the model, its code or its threshold was changed"));
  }
  EXPECT_TRUE(named) << Told(alerts);
}

}  // namespace
}  // namespace monitor::testing
