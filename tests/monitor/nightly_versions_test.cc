// A month in which a new version is deployed every night: what is watched belongs to the model, so its evidence and its
// incidents go on from version to version.
#include <random>

#include "tests/monitor/drifting_model.h"

namespace monitor::testing {
namespace {

constexpr int kDays = 30;
constexpr int kPerDay = 800;  // records; four steps of six hours

class NightlyVersionsTest : public DriftingModel {
 protected:
  NightlyVersionsTest() {
    pipeline.config.models[0].step = pipeline.config.models[0].window = std::chrono::hours(6);
    pipeline.config.retrain.clear();
    Restart();
  }

  // One day of version `day`, with `a` higher by `shift` standard deviations. Returns the types of what is told.
  Names Day(int day, double shift) {
    constexpr double kSigma = 28.87;  // of the training data: uniform on 0 … 100
    Names told;
    for (int i = 0; i < kPerDay; ++i) {
      const std::int64_t time = kStart + day * kDay + i * (kDay / kPerDay);
      const double a = uniform(random) + shift * kSigma, b = uniform(random);
      lines.push_back("{\"version\":\"" + std::to_string(day) + "\",\"timestamp\":" + std::to_string(time / kSecond) +
                      ",\"features\":{\"a\":" + std::to_string(a) + ",\"b\":" + std::to_string(b) + "}}");
      counter->Add({lines.back(), offset++, std::nullopt});
    }
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
    for (const auto& row : pipeline.judge->Checkpoint()) {
      told.push_back(row.type);
      bodies.push_back(json::parse(row.body));
    }
    return told;
  }

  std::mt19937 random{7};
  std::uniform_real_distribution<double> uniform{0, 100};
  std::vector<json> bodies;
};

TEST_F(NightlyVersionsTest, AVersionChangeAloneIsNoAlarm) {
  for (int day = 0; day < kDays; ++day) EXPECT_EQ(Day(day, 0), Names{}) << "day " << day;
  const ModelSnapshot model = pipeline.Model("m");
  ASSERT_EQ(model.versions.size(), std::size_t{kDays});
  EXPECT_EQ(model.counters.counted, std::uint64_t{kDays} * kPerDay) << "none is rejected for want of a baseline";
  for (const VersionSnapshot& seen : model.versions) EXPECT_EQ(seen.baseline_version, "1");
  pipeline.config.models[0].retire_after = std::chrono::hours(24 * 5);
  Restart();
  EXPECT_EQ(pipeline.Model("m").versions.size(), 6u) << "those of the last five days, and today's";
}

TEST_F(NightlyVersionsTest, ADriftThatSpansVersionsIsOneIncident) {
  for (int day = 0; day < 10; ++day) EXPECT_EQ(Day(day, 0), Names{}) << "day " << day;
  int firing = 0;
  for (int day = 10; day < kDays; ++day) {
    for (const std::string& type : Day(day, 0.04 * (day - 9))) {  // 0.8 standard deviations in the end
      firing += type == "incident.firing" ? 1 : 0;
      EXPECT_NE(type, "incident.resolved") << "day " << day;
    }
    Restart();
  }
  ASSERT_EQ(firing, 1);
  const json data = bodies.front()["data"];
  EXPECT_EQ(data["cause"], "data_drift");
  EXPECT_EQ(data["alerts"][0]["feature"], "a");
  EXPECT_EQ(data["alerts"].size(), 1u);
  bool notice = false;
  for (const json& change : data["context"]["changes"])
    notice = notice || change.get<std::string>().ends_with(
                           "it has no baseline of its own and is watched against that of version 1");
  EXPECT_TRUE(notice) << data["context"];
}

}  // namespace
}  // namespace monitor::testing
