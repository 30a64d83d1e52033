// A month in which a new version is deployed every night: what is watched belongs to the model, so its evidence and its
// incidents go on from version to version.
#include <cmath>
#include <fstream>
#include <random>

#include "tests/monitor/judge/drifting_model.h"
#include "tests/support/temporary.h"

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

// Every version brings a baseline of its own, made from the training data of its night: other bin edges, another order
// of the categories, and one category that no other night has.
class NightlyBaselinesTest : public DriftingModel {
 protected:
  static constexpr int kRows = 4'000;
  static constexpr int kSteps = 4;  // a day
  static constexpr int kRecords = 400;

  NightlyBaselinesTest() {
    pipeline.config.models[0].step = pipeline.config.models[0].window = std::chrono::hours(24 / kSteps);
    pipeline.config.retrain.clear();
    pipeline.store = StateStore::InMemory();
    pipeline.baselines["m"] = {};
    Night(0);
    Restart();
  }

  // Ten names of almost the same share, and that of the day.
  std::string Category(int day, double more_of_c0) {
    const double u = uniform(random) / 100;
    if (u < 0.02) return "only-" + std::to_string(day);
    if (u < 0.02 + more_of_c0) return "c0";
    return "c" + std::to_string(static_cast<int>(uniform(random) / 10));
  }

  void Night(int day) {
    const auto file = tests::Temporary("night.csv");
    std::ofstream out(file);
    out << "a,b,c\n";
    for (int i = 0; i < kRows; ++i) out << uniform(random) << "," << uniform(random) << "," << Category(day, 0) << "\n";
    out.close();
    baselines::BuildOptions options;
    options.version = std::to_string(day);
    const auto profile = std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, options));
    ModelBaselines& all = pipeline.baselines["m"];
    all.by_version[profile->version] = profile;
    all.newest = profile;
  }

  // One day of the newest version; the next one's baseline comes at its end. `larger` moves `a` up within its range:
  // its mean share of the range becomes (1 + larger)/(2 + larger). Returns the types of what is told.
  Names Day(int day, double larger, double more_of_c0) {
    Names told;
    for (int i = 0; i < kRecords; ++i) {
      const std::int64_t time = kStart + day * kDay + i * (kDay / kRecords);
      lines.push_back(
          "{\"version\":\"" + std::to_string(day) + "\",\"timestamp\":" + std::to_string(time / kSecond) +
          ",\"features\":{\"a\":" + std::to_string(100 * std::pow(uniform(random) / 100, 1 / (1 + larger))) +
          ",\"b\":" + std::to_string(uniform(random)) + ",\"c\":\"" + Category(day, more_of_c0) + "\"}}");
      counter->Add({lines.back(), offset++, std::nullopt});
    }
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
    for (const auto& row : pipeline.judge->Checkpoint()) {
      told.push_back(row.type);
      bodies.push_back(json::parse(row.body));
    }
    Night(day + 1);
    Restart();
    return told;
  }

  // The day on which an incident is told first; the only one.
  int FirstDay(double larger, double more_of_c0, int from) {
    int first = -1;
    for (int day = 0; day < kDays; ++day) {
      const bool drifts = day >= from;
      for (const std::string& type : Day(day, drifts ? larger : 0, drifts ? more_of_c0 : 0)) {
        if (type != "incident.firing") continue;
        EXPECT_EQ(first, -1) << "a second incident on day " << day << bodies.back();
        first = day;
      }
    }
    return first;
  }

  std::mt19937 random{11};
  std::uniform_real_distribution<double> uniform{0, 100};
  std::vector<json> bodies;
};

TEST_F(NightlyBaselinesTest, AMonthWithoutDriftTellsNothing) {
  for (int day = 0; day < kDays; ++day) EXPECT_EQ(Day(day, 0, 0), Names{}) << "day " << day << bodies.back();
  const ModelSnapshot model = pipeline.Model("m");
  for (const VersionSnapshot& seen : model.versions) EXPECT_EQ(seen.baseline_version, seen.version);
}

TEST_F(NightlyBaselinesTest, EvidenceOfACategoryGoesOnFromBaselineToBaseline) {
  const int first = FirstDay(0, 0.12, 10);
  ASSERT_GE(first, 10);
  const json alert = bodies.front()["data"]["alerts"][0];
  EXPECT_EQ(alert["feature"], "c");
  EXPECT_GT(alert["steps"].get<int>(), kSteps) << "no single version would have shown it: " << alert;
  EXPECT_NE(alert["summary"].get<std::string>().find("c0"), std::string::npos) << alert;
}

TEST_F(NightlyBaselinesTest, EvidenceOfADistributionGoesOnThoughEdgesDiffer) {
  const int first = FirstDay(0.5, 0, 10);
  ASSERT_GE(first, 10);
  const json alert = bodies.front()["data"]["alerts"][0];
  EXPECT_EQ(alert["feature"], "a");
  EXPECT_GT(alert["steps"].get<int>(), kSteps) << "no single version would have shown it: " << alert;
}

}  // namespace
}  // namespace monitor::testing
