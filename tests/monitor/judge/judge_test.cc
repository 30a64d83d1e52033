// Counting and judging together: what is counted, when it closes, what a restart keeps.
#include "monitor/judge/judge.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

std::vector<std::string> DemoRequests() {
  static const auto lines =
      Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "judge-requests.jsonl"));
  return lines;
}

// Feeds `lines` as one partition in batches of the given sizes, then closes everything.
void Feed(Pipeline& pipeline, const std::vector<std::string>& lines, std::mt19937& random, bool restart) {
  const ShardId shard{"flights.requests", 0};
  auto counter = pipeline.Counter(shard);
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.size(), at + 1 + random() % 900);
    for (; at < end; ++at) counter->Add({lines[at], static_cast<std::int64_t>(at), std::nullopt});
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
    if (random() % 3 == 0) pipeline.judge->Checkpoint();
    if (restart && random() % 4 == 0) {
      // A crash: what was not committed is gone, and is read again from the committed offset.
      pipeline.Start();
      counter = pipeline.Counter(shard);
      at = static_cast<std::size_t>(counter->next_offset());
    }
  }
  pipeline.judge->FinishInput();
  pipeline.judge->Checkpoint();
}

void ExpectSameUpToMoments(const nlohmann::json& left, const nlohmann::json& right) {
  if (left.is_number_float() && right.is_number()) {
    EXPECT_NEAR(left.get<double>(), right.get<double>(), 1e-12 * std::max(1.0, std::abs(left.get<double>())));
    return;
  }
  ASSERT_EQ(left.type(), right.type()) << left << right;
  ASSERT_EQ(left.size(), right.size());
  if (left.is_object()) {
    for (const auto& [key, value] : left.items()) ExpectSameUpToMoments(value, right.at(key));
  } else if (left.is_array()) {
    for (std::size_t i = 0; i < left.size(); ++i) ExpectSameUpToMoments(left[i], right[i]);
  } else {
    EXPECT_EQ(left, right);
  }
}

TEST(JudgeTest, BatchesAndCrashesChangeNothing) {
  std::mt19937 random(11);
  Pipeline calm;
  Feed(calm, DemoRequests(), random, false);
  const auto windows = calm.Windows();
  const auto alerts = calm.Alerts();
  ASSERT_GT(windows.size(), 250u);
  ASSERT_GT(alerts.size(), 3u);
  for (int trial = 0; trial < 3; ++trial) {
    Pipeline shaken;
    shaken.index = tests::Temporary("index-" + std::to_string(trial));
    std::filesystem::remove_all(shaken.index);
    shaken.Start();
    Feed(shaken, DemoRequests(), random, true);
    EXPECT_EQ(shaken.Model("flights").counters.counted, 11'849u);
    EXPECT_EQ(shaken.Model("flights").counters.duplicates, 0u);
    EXPECT_EQ(shaken.Model("flights").counters.late, calm.Model("flights").counters.late);
    ExpectSameUpToMoments(shaken.Windows(), windows);
    ExpectSameUpToMoments(shaken.Alerts(), alerts);
  }
}

// The running window is filled from stored steps, which a short history would merge to days; also after a reload to a
// shorter window, while steps of the longer one still close. Afterwards the history is as short as it was asked for.
TEST(JudgeTest, AShortHistoryLeavesTheStepsOfTheRunningWindowAlone) {
  const auto windows_with = [](Duration history) {
    ModelConfig model = FlightsConfig();
    model.step = std::chrono::hours(6);
    model.window = std::chrono::hours(24 * 14);
    Pipeline pipeline(model);
    pipeline.config.history = history;
    pipeline.Start();
    auto counter = pipeline.Counter({"flights.requests", 0});
    const auto lines = DemoRequests();
    for (std::size_t at = 0; at < 2400;) {
      for (const std::size_t end = at + 30; at < end; ++at)
        counter->Add({lines[at], static_cast<std::int64_t>(at), std::nullopt});
      counter->EndBatch();
      pipeline.judge->Apply(counter->Take());
      pipeline.wall += 7200 * kSecond;  // history is kept once an hour
      pipeline.judge->Checkpoint();
      if (at != 1800) continue;
      pipeline.config.models[0].window = std::chrono::hours(6);
      pipeline.plan = pipeline.judge->Configure(pipeline.config, pipeline.baselines, {});
      counter->SetPlan(pipeline.plan->topics.at("flights.requests"));
      pipeline.wall += 7200 * kSecond;
      pipeline.judge->Checkpoint();
    }
    std::map<std::string, nlohmann::json> by_end;
    for (const auto& window : pipeline.Windows()) by_end[window["end"]] = window;
    return by_end;
  };
  const auto all = windows_with(std::chrono::hours(24 * 90)), kept = windows_with(std::chrono::hours(1));
  EXPECT_GT(all.size(), 200u);  // by quarters of days
  EXPECT_GT(kept.size(), 60u);  // by days
  EXPECT_LT(kept.size(), 80u);  // also those that the longer window held back
  for (const auto& [end, window] : kept) EXPECT_EQ(window, all.at(end)) << end;
}

TEST(JudgeTest, FindsWhatReallyHappenedToTheFlights) {
  std::mt19937 random(3);
  Pipeline pipeline;
  Feed(pipeline, DemoRequests(), random, false);
  std::map<std::string, std::string> first;  // monitor → when its first alert began
  for (const auto& alert : pipeline.Alerts()) first.try_emplace(alert["monitor"], alert["began_at"]);
  // The weather feed stops on 22 August and dies on 30 December; warm days are drift and not a fault.
  ASSERT_TRUE(first.contains("missing:temp"));
  EXPECT_EQ(first["missing:temp"].substr(0, 10), "2013-08-22");  // 18:28 in New York
  EXPECT_TRUE(first.contains("distribution:temp"));
  EXPECT_FALSE(first.contains("out_of_range:temp"));
  EXPECT_FALSE(first.contains("missing:wind_gust")) << "a missing gust is no fault";
  bool still_firing = false;
  for (const auto& alert : pipeline.Alerts()) {
    still_firing = still_firing || (alert["monitor"] == "missing:temp" && alert["state"] == "firing" &&
                                    alert["started_at"] >= "2013-12-30");
  }
  EXPECT_TRUE(still_firing);
}

TEST(JudgeTest, AClosedPaneTakesNothingMoreAndCountsItAsLate) {
  Pipeline pipeline;
  auto a = pipeline.Counter({"flights.requests", 0});
  auto b = pipeline.Counter({"flights.requests", 1});
  const auto record = [](int id, const std::string& time) {
    return R"({"id":")" + std::to_string(id) + R"(","timestamp":")" + time + R"(","features":{"hour":7}})";
  };
  const std::string early = record(1, "2013-03-01T10:00:00Z"), late = record(2, "2013-03-05T10:00:00Z"),
                    other = record(3, "2013-03-05T10:01:00Z");
  const auto feed = [&](ShardCounter& counter, const std::string& value, std::int64_t offset) {
    counter.Add({value, offset, std::nullopt});
    counter.EndBatch();
    pipeline.judge->Apply(counter.Take());
  };
  feed(*a, late, 0);
  feed(*b, early, 0);  // the other shard is days ahead, and still this one counts
  pipeline.judge->Checkpoint();
  EXPECT_EQ(pipeline.Model("flights").counters.counted, 2u);
  feed(*b, other, 1);
  feed(*b, early, 2);  // now it is late, for its own shard already
  pipeline.judge->Checkpoint();
  EXPECT_EQ(pipeline.Model("flights").counters.counted, 3u);
  EXPECT_EQ(pipeline.Model("flights").counters.late, 1u);
  EXPECT_EQ(pipeline.Model("flights").counters.received(), 4u);
}

TEST(JudgeTest, ANewBaselineTakesEffectAtTheNextStepAndOldStepsAreNeverMergedWithIt) {
  Pipeline pipeline;
  const auto lines = DemoRequests();
  auto counter = pipeline.Counter({"flights.requests", 0});
  std::size_t at = 0;
  for (; at < 3000; ++at) counter->Add({lines[at], static_cast<std::int64_t>(at), std::nullopt});
  counter->EndBatch();
  pipeline.judge->Apply(counter->Take());
  pipeline.judge->Checkpoint();

  baselines::BuildOptions without_seats;
  without_seats.ignore = {"seats"};
  const auto other = std::make_shared<const baselines::Profile>(baselines::BuildProfile(
      Unpack(std::filesystem::path(TEST_DATA) / "flights/train.csv.gz", "judge-train.csv"), without_seats));
  ASSERT_NE(other->digest, FlightsProfile()->digest);
  pipeline.baselines["flights"] = {{{"1", other}}, other};
  pipeline.plan = pipeline.judge->Configure(pipeline.config, pipeline.baselines, {});
  counter->SetPlan(pipeline.plan->topics.at("flights.requests"));
  for (; at < 6000; ++at) counter->Add({lines[at], static_cast<std::int64_t>(at), std::nullopt});
  counter->EndBatch();
  pipeline.judge->Apply(counter->Take());
  pipeline.judge->Checkpoint();

  const std::string changed_at = nlohmann::json::parse(lines[2999])["timestamp"].get<std::string>().substr(0, 10);
  std::size_t before = 0, after = 0;
  for (const auto& window : pipeline.Windows()) {
    const bool old = window["end"].get<std::string>().substr(0, 10) <= changed_at ||
                     window["features"].size() == FlightsProfile()->features.size();
    EXPECT_EQ(window["features"].size(), old ? FlightsProfile()->features.size() : other->features.size());
    (old ? before : after) += 1;
    if (!old && after == 1) {
      EXPECT_TRUE(window["partial"].get<bool>());
    }
  }
  EXPECT_GT(before, 10u);
  EXPECT_GT(after, 10u);
  EXPECT_EQ(pipeline.Model("flights").counters.counted + pipeline.Model("flights").counters.late, 6000u);

  pipeline.Start();  // and a restart finds both again
  EXPECT_EQ(pipeline.Model("flights").counters.counted + pipeline.Model("flights").counters.late, 6000u);
}

}  // namespace
}  // namespace monitor::testing
