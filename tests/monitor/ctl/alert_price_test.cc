// `replay --price`: what each setting would have alerted, against runs of their own and counts by hand.
#include "monitor/ctl/replay/alert_price.h"

#include <gtest/gtest.h>

#include <set>

#include "monitor/ingest/file_replay.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

// scipy.stats.kstwobign.isf([.05, .01]) = [1.3580986393225505, 1.6276236115189503]
TEST(FixedThreshold, KsTestHasTheCriticalDistancesOfScipy) {
  EXPECT_NEAR(KsCriticalDistance(0.05, 1000, 1000), 1.3580986393225505 / std::sqrt(500.0), 1e-12);
  EXPECT_NEAR(KsCriticalDistance(0.01, 400, 100'000), 1.6276236115189503 / std::sqrt(400 * 1e5 / 100'400), 1e-12);
}

const json& SettingOf(const json& model, const std::string& name) {
  for (const json& row : model.at("settings")) {
    if (row.at("setting") == name) return row;
  }
  throw std::runtime_error("no setting " + name);
}

std::vector<ReplayFile> FlightFiles() {
  return {{"flights.requests",
           Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "price-requests.jsonl")}};
}

// Alerts and incidents of warning and above that a daemon with this configuration raises by itself.
std::pair<std::size_t, std::size_t> RunAlone(double budget) {
  Pipeline pipeline;
  pipeline.config.expected_false_alarms = budget;
  pipeline.Start();
  ReplayFiles({pipeline.judge.get()}, *pipeline.plan, FlightFiles(), {});
  std::size_t fired = 0;
  std::set<std::string> told;
  for (const json& alert : pipeline.Alerts()) {
    if (alert["state"] == "pending") continue;
    ++fired;
    if (alert["severity"] != "info") told.insert(alert["incident"]);
  }
  return {fired, told.size()};
}

TEST(AlertPrice, EverySettingCountsWhatItWouldHaveAlertedByItself) {
  Pipeline pipeline;
  AlertPrice price(pipeline.config, pipeline.baselines, *pipeline.store, pipeline.plan);
  std::vector<Judge*> judges{pipeline.judge.get()};
  for (Judge* other : price.judges()) judges.push_back(other);
  ASSERT_EQ(judges.size(), 6U) << "the configured values are not judged twice";
  ReplayFiles(judges, *pipeline.plan, FlightFiles(), [&](double) { price.DropWindows(); });
  const json table = price.Table();
  ASSERT_EQ(table.size(), 1U);
  const json& flights = table[0];
  EXPECT_EQ(flights["settings"].size(), 1 + kPricedBudgets.size() + kPricedEffects.size() + kPricedThresholds.size());

  for (const char* same : {"budget 1", "min_effect 0.1"}) {
    for (const char* what : {"alerts", "incidents", "told", "months"})
      EXPECT_EQ(SettingOf(flights, same)[what], SettingOf(flights, "as configured")[what]) << same << " " << what;
  }
  EXPECT_EQ(SettingOf(flights, "as configured")["alerts"], pipeline.Alerts().size());
  const auto [alerts, told] = RunAlone(10);
  EXPECT_EQ(SettingOf(flights, "budget 10")["alerts"], alerts);
  EXPECT_EQ(SettingOf(flights, "budget 10")["told"], told);

  // By hand: an alert of a threshold is a run of full windows above it.
  std::size_t runs = 0;
  std::map<std::string, bool> above;
  for (const json& row : pipeline.Windows()) {
    if (row["partial"].get<bool>()) continue;
    json columns = row["features"];
    columns.push_back(row["prediction"]);
    columns.push_back(row["score"]);
    for (const json& column : columns) {
      const bool now = column["psi"].is_number() && column["psi"].get<double>() > 0.2;
      bool& before = above[column["name"]];
      runs += now && !before ? 1 : 0;
      before = now;
    }
  }
  EXPECT_GT(runs, 0U);
  EXPECT_EQ(SettingOf(flights, "PSI above 0.2")["alerts"], runs);

  for (const json& row : flights["settings"]) {
    std::size_t in_months = 0;
    for (const auto& [month, counts] : row["months"].items()) in_months += counts["incidents"].get<std::size_t>();
    EXPECT_EQ(row["incidents"], in_months) << row["setting"];
    EXPECT_GE(row["alerts"], row["incidents"]) << row["setting"];
    EXPECT_GE(row["incidents"], row["told"]) << row["setting"];
  }
  const std::string text = PriceText(table, pipeline.config);
  EXPECT_NE(text.find("as configured"), text.npos);
  EXPECT_NE(text.find("2013-12"), text.npos);
}

}  // namespace
}  // namespace monitor::testing
