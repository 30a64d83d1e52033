// /metrics: names, labels and values as documented, and a text that promtool accepts.
#include "monitor/serve/metrics.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "tests/support/temporary.h"

namespace monitor {
namespace {

Snapshot Example() {
  Snapshot snapshot;
  ModelSnapshot model;
  model.name = "flights";
  model.counters.counted = 123456789012345;
  model.counters.late = 2;
  model.counters.rejects[static_cast<std::size_t>(Reject::kTime)] = 3;
  model.counters.duplicates = 4;
  model.watermark_ns = 1368291600'500'000'000;
  model.window_end_ns = 1368291600'000'000'000;
  for (int i = 0; i < 30; ++i) {
    FeatureSnapshot feature;
    feature.version = "1";
    feature.feature = "f" + std::to_string(i);
    feature.psi = 0.01 * i;
    feature.ks = 0.02;
    feature.js = 0.03;
    feature.wasserstein = 0.04;
    feature.effect = 0.1 * i;
    feature.missing_ratio = 0.5;
    feature.unseen_ratio = 0.0;
    feature.firing = i == 3;
    feature.drift = i == 3 || i == 29;
    model.features.push_back(feature);
  }
  model.features[29].ks.reset();
  model.features[28].ks = std::numeric_limits<double>::quiet_NaN();
  snapshot.models.push_back(model);
  snapshot.models.push_back({});
  snapshot.shards.push_back({"flights.requests", 2, 90, 100, 5, false});
  snapshot.shards.push_back({"flights.requests", 3, 90, std::nullopt, 0, false});
  snapshot.alerts.push_back({"flights", "firing", "data_drift", 2});
  snapshot.notifications[{"slack \"ops\"\n", "delivered"}] = 7;
  snapshot.retrains[{"airflow", "delivered"}] = 1;
  snapshot.outbox_pending["slack"] = 3;
  snapshot.checkpoints = 10;
  snapshot.checkpoint_seconds_sum = 0.02;
  snapshot.checkpoint_buckets.fill(9);
  return snapshot;
}

std::string Scrape(const Snapshot& snapshot, FeatureSeriesPolicy policy = {}, const PollGaps* gaps = nullptr) {
  SnapshotBoard board;
  board.Publish(std::make_shared<Snapshot>(snapshot));
  return MetricsText(SnapshotMetrics(board, policy, gaps));
}

bool Has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(Metrics, ShowHowLongCountersStayAwayFromTheirQueues) {
  EXPECT_EQ(Count(Scrape(Example()), "poll_gap"), 0);
  PollGaps gaps;
  for (const int ms : {0, 1, 2, 20, 21, 3000}) gaps.Note(std::chrono::milliseconds(ms));
  const std::string text = Scrape(Example(), {}, &gaps);
  for (const char* line :
       {R"(model_monitor_poll_gap_seconds_bucket{le="0.001"} 2)",
        R"(model_monitor_poll_gap_seconds_bucket{le="0.002"} 3)",
        R"(model_monitor_poll_gap_seconds_bucket{le="0.02"} 4)",
        R"(model_monitor_poll_gap_seconds_bucket{le="0.05"} 5)", R"(model_monitor_poll_gap_seconds_bucket{le="2.5"} 5)",
        R"(model_monitor_poll_gap_seconds_bucket{le="+Inf"} 6)", R"(model_monitor_poll_gap_seconds_count 6)",
        R"(model_monitor_poll_gap_seconds_sum 3.044)", R"(model_monitor_poll_gap_longest_seconds 3)"}) {
    EXPECT_TRUE(Has(text, line)) << line << "\n" << text;
  }
}

TEST(Metrics, ShowWhatTheSnapshotHolds) {
  const std::string text = Scrape(Example());
  for (const char* line : {
           R"(model_monitor_records_total{model="flights",result="counted"} 123456789012345)",
           R"(model_monitor_records_total{model="flights",result="late"} 2)",
           R"(model_monitor_records_total{model="flights",result="rejected"} 3)",
           R"(model_monitor_records_total{model="flights",result="skipped"} 0)",
           R"(model_monitor_rejects_total{model="flights",reason="time"} 3)",
           R"(model_monitor_duplicates_total{model="flights"} 4)",
           R"(model_monitor_watermark_timestamp_seconds{model="flights"} 1368291600.5)",
           R"(model_monitor_window_end_timestamp_seconds{model="flights"} 1368291600)",
           R"(model_monitor_consumer_lag_records{topic="flights.requests",partition="2"} 10)",
           R"(model_monitor_records_lost_total{topic="flights.requests",partition="2"} 5)",
           R"(model_monitor_features_in_drift{model="flights",version="1"} 2)",
           R"(model_monitor_feature_missing_ratio{model="flights",version="1",feature="f29"} 0.5)",
           R"(model_monitor_alerts{model="flights",state="firing",cause="data_drift"} 2)",
           R"(model_monitor_notifications_total{target="slack \"ops\"\n",result="delivered"} 7)",
           R"(model_monitor_outbox_pending{target="slack"} 3)",
           R"(model_monitor_retrains_total{target="airflow",result="delivered"} 1)",
           R"(model_monitor_checkpoint_seconds_bucket{le="2.5"} 9)",
           R"(model_monitor_checkpoint_seconds_bucket{le="+Inf"} 10)",
           R"(model_monitor_checkpoint_seconds_count 10)",
           R"(model_monitor_config_reload_success 1)",
       }) {
    EXPECT_TRUE(Has(text, line)) << line << "\n" << text;
  }
  EXPECT_NE(text.find("model_monitor_build_info{version=\""), std::string::npos);
}

TEST(Metrics, WhatIsUnknownHasNoSeries) {
  const std::string text = Scrape(Example());
  EXPECT_EQ(text.find("feature_ks_distance{model=\"flights\",version=\"1\",feature=\"f29\""), std::string::npos);
  EXPECT_EQ(text.find("feature_ks_distance{model=\"flights\",version=\"1\",feature=\"f28\""), std::string::npos);
  EXPECT_EQ(text.find("consumer_lag_records{topic=\"flights.requests\",partition=\"3\""), std::string::npos);
  EXPECT_EQ(text.find("watermark_timestamp_seconds{model=\"\"}"), std::string::npos);
  EXPECT_TRUE(Has(text, R"(model_monitor_records_total{model="",result="rejected"} 0)"));
}

TEST(Metrics, KeepTheLargestEffectsAndEveryFiringFeature) {
  const std::string text = Scrape(Example());
  EXPECT_EQ(Count(text, "\nmodel_monitor_feature_psi{"), 21);
  EXPECT_NE(text.find("feature_psi{model=\"flights\",version=\"1\",feature=\"f3\""), std::string::npos) << "firing";
  EXPECT_NE(text.find("feature_psi{model=\"flights\",version=\"1\",feature=\"f10\""), std::string::npos);
  EXPECT_EQ(text.find("feature_psi{model=\"flights\",version=\"1\",feature=\"f9\""), std::string::npos);
  EXPECT_EQ(Count(Scrape(Example(), {Config::FeatureSeries::kAll, 20}), "\nmodel_monitor_feature_psi{"), 30);
  EXPECT_EQ(Count(Scrape(Example(), {Config::FeatureSeries::kNone, 20}), "\nmodel_monitor_feature_psi{"), 0);
  EXPECT_EQ(Count(Scrape(Example(), {Config::FeatureSeries::kTop, 2}), "\nmodel_monitor_feature_psi{"), 3);
}

TEST(Metrics, VariantsAreToldApart) {
  Snapshot snapshot = Example();
  snapshot.models[0].features.resize(2);
  snapshot.models[0].features[1].feature = "f0";
  snapshot.models[0].features[1].variant = "shadow";
  const std::string text = Scrape(snapshot);
  EXPECT_NE(text.find(R"(feature_psi{model="flights",version="1",feature="f0"})"), std::string::npos);
  EXPECT_NE(text.find(R"(feature_psi{model="flights",version="1",variant="shadow",feature="f0"})"), std::string::npos);
}

TEST(Metrics, PassPromtool) {
  if (std::system("command -v promtool >/dev/null") != 0) GTEST_SKIP() << "promtool is not in PATH; ./dev test has it";
  const auto file = tests::Temporary("metrics_test.prom");
  std::ofstream(file) << Scrape(Example());
  const std::string command = "promtool check metrics < " + file.string() + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string said;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) said.push_back(static_cast<char>(c));
  EXPECT_EQ(pclose(pipe), 0) << said;
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace monitor
