// The correlations of a model's features as one monitor: a change that no single feature shows is found and named,
// correlated but stable features stay quiet, sampled records are the same however the log is cut.
#include "monitor/judge/evidence/correlation_monitor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <fstream>
#include <random>

#include "monitor/ingest/record_block.h"
#include "tests/monitor/judge/joint_world.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

constexpr double kThreshold = 720 / kCorrelationShare;  // one false alarm a month, hourly steps

void Add(CorrelationMonitor& monitor, std::int64_t hour, const PaneSummary& step, double threshold = kThreshold) {
  const PaneSummary* const versions[] = {&step};
  monitor.AddStep({hour * kHour, versions, 0.1, threshold, false, nullptr});
  monitor.Settle(monitor.Of(step));
}

std::string Bytes(const CorrelationMonitor& monitor) {
  detectors::Encoder out;
  monitor.Encode(out);
  return out.Take();
}

// STATISTICS 7: .6 → .3, 20 features, 1,000 records a step, after a week of reference steps. PCA reconstruction finds
// .82 of such windows at one false alarm in 370 windows; at that level one step is enough here.
TEST(CorrelationMonitor, FindsAChangeThatNoFeatureShowsInOneStep) {
  std::mt19937_64 random(1);
  const World before{.features = 20, .pair = 0.6}, after{.features = 20, .pair = 0.3};
  const auto frame = FrameOf(before, 100'000, random);
  CorrelationMonitor learnt;
  for (int hour = 0; hour < 168; ++hour) Add(learnt, hour, Step(frame, before, 1000, random), 370 * 168);
  ASSERT_FALSE(learnt.detector().firing());
  const std::string state = Bytes(learnt);
  int found = 0;
  constexpr int kRuns = 200;
  for (int run = 0; run < kRuns; ++run) {
    detectors::Decoder in(state);
    CorrelationMonitor monitor = CorrelationMonitor::Decode(in);
    const PaneSummary step = Step(frame, after, 1000, random);
    Add(monitor, 168, step, 370);
    if (!monitor.detector().firing()) continue;
    ++found;
    const auto change = monitor.Of(step);
    EXPECT_EQ(change->features, FeaturePair("x0", "x1"));
    EXPECT_NEAR(change->change.baseline, 0.6, 0.02);
    EXPECT_NEAR(change->change.current, 0.3, 0.15);
    EXPECT_EQ(monitor.detector().began_ns(), 168 * kHour);
  }
  EXPECT_GE(found, kRuns * 99 / 100);
}

// Ten features that all hang together, in sessions of three records, a finite baseline: by the share of 0.015 of the
// budget 0.15 alarms are expected in ten months at most.
TEST(CorrelationMonitor, CorrelatedButStableFeaturesKeepTheBudget) {
  std::mt19937_64 random(2);
  const World world{.features = 10, .common = 0.5, .repeats = 3};
  int alarms = 0;
  for (int month = 0; month < 10; ++month) {
    const auto frame = FrameOf(world, 20'000, random);
    CorrelationMonitor monitor;
    bool firing = false;
    for (int hour = 0; hour < 720; ++hour) {
      Add(monitor, hour, Step(frame, world, 150, random));
      alarms += monitor.detector().firing() && !firing ? 1 : 0;
      firing = monitor.detector().firing();
    }
  }
  EXPECT_LE(alarms, 2);  // a Poisson count of mean 0.2 is larger once in 900 times
}

TEST(CorrelationMonitor, StoredInTheMiddleItGoesOnToTheSameBytesAndResolves) {
  std::mt19937_64 random(3);
  const World before{.features = 4, .pair = 0.6}, after{.features = 4, .pair = -0.2};
  const auto frame = FrameOf(before, 50'000, random);
  CorrelationMonitor monitor;
  bool fired = false;
  for (int hour = 0; hour < 60; ++hour) {
    const PaneSummary step = Step(frame, hour < 30 || hour >= 40 ? before : after, 500, random);
    const std::string bytes = Bytes(monitor);
    detectors::Decoder in(bytes);
    CorrelationMonitor copy = CorrelationMonitor::Decode(in);
    EXPECT_TRUE(in.AtEnd());
    Add(monitor, hour, step);
    Add(copy, hour, step);
    EXPECT_EQ(Bytes(copy), Bytes(monitor));
    fired = fired || monitor.detector().firing();
  }
  EXPECT_TRUE(fired);
  EXPECT_FALSE(monitor.detector().firing());
}

TEST(CorrelationMonitor, WithoutAReferenceOrDataItSaysNothing) {
  std::mt19937_64 random(4);
  const World world{.features = 3};
  const auto frame = FrameOf(world, 5000, random);
  CorrelationMonitor monitor;
  PaneSummary old = Step(frame, world, 100, random);
  old.joint.reset();
  Add(monitor, 0, old);
  Add(monitor, 1, PaneSummary::Empty(frame));
  EXPECT_FALSE(monitor.known());
  EXPECT_FALSE(monitor.Of(old));
  EXPECT_FALSE(monitor.Of(PaneSummary::Empty(frame)));
}

// Sixty features: every fourth record is sampled, whichever counter reads it.
TEST(JointSample, IsTheSameHoweverTheRecordsAreCut) {
  std::mt19937_64 random(5);
  const World world{.features = 60, .common = 0.3};
  const auto frame = FrameOf(world, 1000, random);
  constexpr std::size_t kRows = 3000;
  const std::vector<double> rows = world.Rows(kRows, random);
  std::vector<std::uint64_t> hashes(kRows);
  for (auto& hash : hashes) hash = random();
  const auto count = [&](std::size_t step, std::size_t flush) {
    PaneSummary sum = PaneSummary::Empty(frame);
    for (std::size_t part = 0; part < step; ++part) {
      PaneSummary pane = PaneSummary::Empty(frame);
      RecordBlock block(frame);
      Row row;
      for (std::size_t i = part; i < kRows; i += step) {
        row.Clear(frame->columns());
        for (std::size_t f = 0; f < world.features; ++f)
          row.cells[f] = {.state = CellState::kValue, .number = rows[i * world.features + f]};
        block.Append(row, hashes[i]);
        if (block.full() || block.rows() % flush == 0) block.CountInto(pane);
      }
      block.CountInto(pane);
      sum.Merge(pane);
    }
    return sum;
  };
  const PaneSummary whole = count(1, 256);
  EXPECT_EQ(detectors::testing::Bytes(*whole.joint), detectors::testing::Bytes(*count(3, 7).joint));
  EXPECT_NEAR(static_cast<double>(whole.joint->rows(0, 0)), kRows / 4.0, 4 * std::sqrt(kRows * 0.25 * 0.75));
  EXPECT_NEAR(*whole.joint->Correlation(0, 1), 0.3, 4 * 0.91 / std::sqrt(kRows / 4.0));

  const std::string bytes = whole.Encode();
  EXPECT_EQ(PaneSummary::Decode(bytes, frame).Encode(), bytes);
  // A pane as it was stored before there were second moments has none until it is merged.
  PaneSummary loaded = whole;
  loaded.joint.emplace(whole.joint->features());
  loaded.Merge(whole);
  EXPECT_EQ(detectors::testing::Bytes(*loaded.joint), detectors::testing::Bytes(*whole.joint));
}

// Through counter, judge and store: the alert, its sentence and the window's row.
TEST(CorrelationInTheJudge, NamesThePairAndWhatBecameOfIt) {
  std::mt19937_64 random(6);
  const World before{.features = 3, .pair = 0.8}, after{.features = 3};
  const auto file = tests::Temporary("pair.csv");
  std::ofstream out(file);
  out << "x0,x1,x2";
  const std::vector<double> training = before.Rows(20'000, random);
  for (std::size_t i = 0; i < training.size(); ++i) out << (i % 3 == 0 ? '\n' : ',') << training[i];
  out.close();
  ModelConfig model;
  model.name = "m";
  model.version = "1";
  model.requests.topic = "requests";
  model.step = model.window = std::chrono::hours(1);
  Pipeline pipeline(model, std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, {})));
  auto counter = pipeline.Counter({"requests", 0});
  std::int64_t offset = 0;
  constexpr std::int64_t kFirstHour = 400'000;
  for (std::int64_t hour = 0; hour < 22; ++hour) {
    const std::vector<double> rows = (hour < 20 ? before : after).Rows(300, random);
    std::deque<std::string> lines;
    for (std::size_t i = 0; i < 300; ++i) {
      std::string line =
          "{\"timestamp\":" + std::to_string((kFirstHour + hour) * 3600 + static_cast<int>(12 * i)) + ",\"features\":{";
      for (std::size_t f = 0; f < 3; ++f)
        line += (f == 0 ? "\"x" : ",\"x") + std::to_string(f) + "\":" + std::to_string(rows[3 * i + f]);
      lines.push_back(line + "}}");
      counter->Add({lines.back(), offset++, std::nullopt});
    }
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
    pipeline.judge->Checkpoint();
    if (hour == 10) pipeline.Start(), counter = pipeline.Counter({"requests", 0});
  }
  const nlohmann::json* found = nullptr;
  const nlohmann::json alerts = pipeline.Alerts();
  for (const auto& alert : alerts) {
    if (alert["monitor"] == "correlation") found = &alert;
  }
  ASSERT_NE(found, nullptr) << alerts;
  EXPECT_EQ((*found)["feature"], "x0 × x1");
  EXPECT_EQ((*found)["cause"], "data_drift");
  EXPECT_EQ((*found)["severity"], "warning");
  EXPECT_NEAR((*found)["baseline"].get<double>(), 0.8, 0.02);
  EXPECT_NEAR((*found)["value"].get<double>(), 0, 0.25);
  EXPECT_EQ((*found)["summary"].get<std::string>().rfind("the correlation of x0 and x1 went from 0.79", 0), 0U)
      << (*found)["summary"];
  const nlohmann::json correlation = pipeline.Windows("m").back()["correlation"];
  EXPECT_EQ(correlation["drift"], true);
  EXPECT_EQ(correlation["features"], nlohmann::json({"x0", "x1"}));
  EXPECT_GE(correlation["evidence"].get<double>(), 1);
}

}  // namespace
}  // namespace monitor::testing
