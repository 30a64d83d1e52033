// Which range of live traffic the parts that a baseline lacks are learnt from.
#include "monitor/daemon/baselines/learning.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "baselines/build/profile_builder.h"
#include "monitor/training/learning_plan.h"
#include "monitor/training/topic_decoder.h"
#include "tests/monitor/daemon/config_files.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

constexpr std::int64_t kHour = 3600 * kSecond, kDay = 24 * kHour;
constexpr std::int64_t kBegin = 1'767'225'600 * kSecond;  // 2026-01-01T00:00Z

struct World {
  ConfigFolder folder;
  Config config;
  std::shared_ptr<const baselines::Profile> baseline;

  explicit World(const json& more = json::object()) {
    json model = {{"name", "m"}, {"baseline", "b.json"}, {"requests", {{"topic", "t"}}}};
    model.update(more);
    config = folder.Read(json{{"kafka", {{"brokers", "b"}}}, {"state", "s"}, {"models", {model}}}.dump());
    baseline = std::make_shared<const baselines::Profile>(
        baselines::BuildProfile(folder.Write("train.csv", "n\n1.5\n2.5\n3.5\n"), {}));
  }
  std::unique_ptr<Learning> Start() {
    auto learning = std::make_unique<Learning>(config, config.models[0], baseline, kBegin);
    learning->Start();
    return learning;
  }
  // `count` records from `from_ns` on, evenly over `span_ns`.
  void Feed(Learning& learning, std::int64_t from_ns, std::int64_t span_ns, int count, const json& said) {
    TopicDecoder decoder(LearningPlan(learning.config(), "m", {})->topics.at("t"));
    for (int i = 0; i < count; ++i) {
      const std::int64_t ns = from_ns + span_ns / count * i;
      json record = {
          {"id", std::to_string(i)}, {"timestamp", static_cast<double>(ns / kSecond)}, {"features", {{"n", 1}}}};
      record.update(said);
      const std::string text = record.dump();
      decoder.Decode(Message{text, i, ns}, [&](const DecodedRecord& read) { learning.Note(read); });
    }
    learning.Measure();
  }
};

TEST(Learning, AWeekOfRowsThatHaveWhatIsLacked) {
  World world;
  const auto learning = world.Start();
  // Predictions begin on the third day; what came before does not count.
  world.Feed(*learning, kBegin, 2 * kDay, 500, json::object());
  EXPECT_FALSE(learning->Progress().has_value());
  world.Feed(*learning, kBegin + 2 * kDay, 6 * kDay, 12'000, {{"prediction", "yes"}});
  EXPECT_FALSE(learning->enough()) << "12,000 rows, but six days";
  world.Feed(*learning, kBegin + 8 * kDay, 2 * kDay, 4'000, {{"prediction", "yes"}});
  EXPECT_TRUE(learning->enough());
  EXPECT_EQ(learning->Range().from_ns, kBegin + 2 * kDay);
  EXPECT_EQ(learning->Range().to_ns, kBegin + 9 * kDay);
  EXPECT_FALSE(learning->in_vain());
  const auto progress = learning->Progress();
  ASSERT_TRUE(progress.has_value());
  EXPECT_EQ(progress->parts, std::vector<std::string>{"prediction"}) << "there are no scores";
  EXPECT_EQ(progress->rows, 16'000u);
}

TEST(Learning, NothingIsFollowedWhereTheTrafficHasNothing) {
  World world;
  const auto learning = world.Start();
  world.Feed(*learning, kBegin, kDay, 9'999, {{"prediction", nullptr}});
  EXPECT_FALSE(learning->in_vain());
  world.Feed(*learning, kBegin + kDay, kDay, 1, json::object());
  EXPECT_TRUE(learning->in_vain());
  EXPECT_FALSE(learning->Progress().has_value());
  // Looked for again later, it begins with what comes then, also after a crash.
  learning->StartOver(kBegin + 3 * kDay);
  EXPECT_FALSE(learning->in_vain());
  EXPECT_EQ(world.Start()->begin_ns(), INT64_MIN) << "nothing was found yet";
  world.Feed(*learning, kBegin + 3 * kDay, kDay, 10, {{"score", 0.5}});
  EXPECT_EQ(learning->begin_ns(), kBegin + 3 * kDay);
  EXPECT_EQ(world.Start()->begin_ns(), kBegin + 3 * kDay);
}

TEST(Learning, QualityWaitsForItsLabels) {
  World world(json{{"labels", {{"topic", "truth"}, {"max_delay", "30d"}, {"mature_after", "5d"}}}});
  const auto first = world.Start();
  EXPECT_FALSE(first->waits_for_labels()) << "predictions are not put off for labels";
  baselines::BuildOptions options;
  world.baseline = std::make_shared<const baselines::Profile>(
      baselines::BuildProfile(world.folder.Write("train.csv", "n,prediction\n1.5,a\n2.5,b\n3.5,a\n"), options));
  const auto second = world.Start();
  world.Feed(*second, kBegin, 8 * kDay, 16'000, {{"prediction", "a"}});
  EXPECT_TRUE(second->enough());
  EXPECT_TRUE(second->waits_for_labels());
  EXPECT_EQ(second->labels_due_ns(), kBegin + 12 * kDay);
}

TEST(Learning, WhatIsLacked) {
  World world;
  const auto lacked = [&](const std::string& header, const std::string& row, const json& more) {
    const World own(more);
    return Learning::LackedBy(baselines::BuildProfile(own.folder.Write("t.csv", header + "\n" + row + row), {}),
                              own.config.models[0]);
  };
  const json labels = {{"labels", {{"topic", "truth"}}}};
  EXPECT_TRUE(lacked("n", "1\n", json::object()).prediction);
  EXPECT_FALSE(lacked("n", "1\n", json::object()).quality) << "no labels are configured";
  EXPECT_TRUE(lacked("n", "1\n", labels).quality);
  EXPECT_FALSE(lacked("n,prediction,score", "1,a,0.5\n", json::object()).any());
  EXPECT_FALSE(lacked("n,prediction", "1,2.5\n", {{"task", "regression"}}).any()) << "a regression has no scores";
  // A lone output would be taken for the score that was learnt, and the prediction be missing from then on.
  for (const char* format : {"sagemaker", "kserve", "seldon-v2"}) {
    const json unnamed = {{"requests", {{"topic", "t"}, {"format", format}}}};
    EXPECT_FALSE(lacked("n,prediction", "1,a\n", unnamed).any()) << format;
    EXPECT_TRUE(lacked("n", "1\n", unnamed).score) << format;
  }
  EXPECT_TRUE(lacked("n,prediction", "1,a\n", json::object()).score);
  EXPECT_FALSE(lacked("n", "1\n", {{"labels", json::object()}}).quality) << "labels that are pushed are in no topic";
  const json absent = {{"labels", {{"topic", "truth"}, {"absent", {{"value", "no"}, {"after", "7d"}}}}}};
  EXPECT_FALSE(lacked("n", "1\n", absent).quality) << "most labels are in no topic";
}

TEST(Learning, WhatCannotBeReadIsNotThere) {
  World world;
  const auto learning = world.Start();
  world.Feed(*learning, kBegin, kDay, 10'000, {{"score", "high"}});
  EXPECT_TRUE(learning->in_vain());
  EXPECT_FALSE(learning->Progress().has_value());
}

// A learner that began at 10:40 takes nothing of what came since ten.
TEST(Learning, TheRangeBeginsWhereReadingBegan) {
  World world(json{{"learn", {{"for", "2h"}, {"rows", 100}}}, {"baseline", "learn"}});
  const auto learning = world.Start();
  const std::int64_t begin = kBegin + 10 * kHour + 40 * 60 * kSecond;
  learning->StartOver(begin);
  world.Feed(*learning, kBegin + 10 * kHour, 4 * kHour, 2'400, {{"prediction", "a"}});
  ASSERT_TRUE(learning->enough());
  EXPECT_EQ(learning->Range().from_ns, begin);
  EXPECT_EQ(learning->Range().to_ns, kBegin + 12 * kHour);
  EXPECT_EQ(learning->rows(), 800u) << "20 minutes and an hour, ten a minute";
}

TEST(Learning, ScarcePartsAreNotTaken) {
  const auto build = [](int predictions, int labels) {
    const ConfigFolder folder;
    std::string csv = "n,prediction,score,label\n";
    for (int i = 0; i < 1000; ++i) {
      csv +=
          std::to_string(i) + ".5," + (i < predictions ? i % 2 == 0 ? "a" : "b" : "") + ",0." + std::to_string(i) + ",";
      csv += (i < labels ? i % 3 == 0 ? "a" : "b" : "") + std::string("\n");
    }
    baselines::Profile profile = baselines::BuildProfile(folder.Write("t.csv", csv), {});
    Learning::DropScarce(profile);
    return profile;
  };
  const baselines::Profile few = build(9, 99), enough = build(10, 100);
  EXPECT_FALSE(few.prediction.has_value());
  EXPECT_TRUE(few.score.has_value());
  EXPECT_FALSE(few.quality.has_value());
  EXPECT_TRUE(enough.prediction.has_value());
  EXPECT_TRUE(enough.quality.has_value());
}

}  // namespace
}  // namespace monitor::testing
