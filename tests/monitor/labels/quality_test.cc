// Quality of real flights through the whole pipeline, against figures that are computed here record by record.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "baselines/values/timestamp.h"
#include "monitor/ingest/file_replay.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/serve/quality_api.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

struct Row {
  std::string predicted;
  double score = 0;
  std::string label;  // empty: none
};

std::int64_t TimeOf(const nlohmann::json& record) {
  return *baselines::ParseTimestamp(record["timestamp"].get<std::string>());
}

class FlightsQuality : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    requests = Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "quality-requests.jsonl");
    labels = Unpack(std::filesystem::path(TEST_DATA) / "flights/labels.jsonl.gz", "quality-labels.jsonl");
    std::map<std::string, std::pair<std::int64_t, Row>> by_id;
    for (const std::string& line : Lines(requests)) {
      const auto record = nlohmann::json::parse(line);
      by_id[record["id"]] = {TimeOf(record), {record["prediction"], record["score"], {}}};
    }
    for (const std::string& line : Lines(labels)) {
      const auto label = nlohmann::json::parse(line);
      if (const auto found = by_id.find(label["id"]); found != by_id.end()) found->second.second.label = label["label"];
    }
    for (const auto& [id, entry] : by_id) days[FloorTo(entry.first, kDay)].push_back(entry.second);
  }

  static void Replay(Pipeline& pipeline) {
    ReplayFiles({pipeline.judge.get()}, *pipeline.plan, {{"flights.requests", requests}, {"flights.labels", labels}},
                {});
  }
  static nlohmann::json Quality(Pipeline& pipeline, bool by_segment = false) {
    return QualityJson(History(pipeline.store->db()), Pipeline::Everything("flights"), {by_segment, false});
  }

  static inline std::filesystem::path requests, labels;
  static inline std::map<std::int64_t, std::vector<Row>> days;  // by start of the day
};

double Auc(const std::vector<Row>& rows) {
  double wins = 0, pairs = 0;
  for (const Row& a : rows) {
    for (const Row& b : rows) {
      if (a.label != "late" || b.label.empty() || b.label == "late") continue;
      ++pairs;
      wins += a.score > b.score ? 1 : a.score == b.score ? 0.5 : 0;
    }
  }
  return pairs == 0 ? NAN : wins / pairs;
}

TEST_F(FlightsQuality, EveryCohortEqualsItsRecords) {
  Pipeline pipeline;
  Replay(pipeline);
  const auto quality = Quality(pipeline);
  EXPECT_EQ(quality["task"], "binary");
  EXPECT_EQ(quality["positive"], "late");
  ASSERT_EQ(quality["cohorts"].size(), days.size());
  std::size_t computed = 0;
  for (const auto& cohort : quality["cohorts"]) {
    const auto& rows = days.at(*baselines::ParseTimestamp(cohort["start"].get<std::string>()));
    std::uint64_t labelled = 0, right = 0;
    double brier = 0, log_loss = 0;
    for (const Row& row : rows) {
      if (row.label.empty()) continue;
      ++labelled;
      right += row.predicted == row.label ? 1 : 0;
      const double truth = row.label == "late" ? 1 : 0;
      brier += (row.score - truth) * (row.score - truth);
      log_loss -= std::log(std::clamp(truth == 1 ? row.score : 1 - row.score, 1e-7, 1 - 1e-7));
    }
    ASSERT_EQ(cohort["predictions"], rows.size());
    ASSERT_EQ(cohort["labels"], labelled);
    if (labelled == 0) {
      EXPECT_TRUE(cohort["metrics"]["accuracy"]["value"].is_null());
      EXPECT_NE(cohort["metrics"]["accuracy"]["why"], "");
      continue;
    }
    ++computed;
    const auto n = static_cast<double>(labelled);
    EXPECT_NEAR(cohort["metrics"]["accuracy"]["value"], static_cast<double>(right) / n, 1e-12);
    EXPECT_NEAR(cohort["metrics"]["brier"]["value"], brier / n, 1e-6);
    EXPECT_NEAR(cohort["metrics"]["log_loss"]["value"], log_loss / n, 1e-5);
    if (const double auc = Auc(rows); std::isfinite(auc)) {
      EXPECT_NEAR(cohort["metrics"]["auc"]["value"], auc, 0.02) << "bins of a score with few records";
    }
    EXPECT_LE(cohort["metrics"]["accuracy"]["low"], cohort["metrics"]["accuracy"]["value"]);
    EXPECT_TRUE(cohort["estimated"]["accuracy"]["value"].is_number());
  }
  EXPECT_GT(computed, 300u);
}

TEST_F(FlightsQuality, TheBadWeekOfAprilIsToldAndTheScoresDidNotSeeIt) {
  ModelConfig model = FlightsConfig();
  model.rules.push_back({"accuracy", "", std::nullopt, 0.68, std::nullopt, 1, false});
  Pipeline pipeline(model);
  Replay(pipeline);
  bool told = false;
  for (const auto& alert : pipeline.Alerts()) {
    if (alert["cause"] != "quality_loss") continue;
    const std::string started = alert["started_at"];
    if (alert["monitor"] != "rule:accuracy<0.68") continue;
    told = told || (started >= "2013-04-15" && started <= "2013-04-28");
    EXPECT_EQ(alert["severity"], "critical");
  }
  EXPECT_TRUE(told) << pipeline.Alerts().dump(1).substr(0, 4000);
}

TEST_F(FlightsQuality, ARestartInTheMiddleChangesNothing) {
  Pipeline whole;
  Replay(whole);
  Pipeline shaken;
  shaken.index = tests::Temporary("quality-index");
  std::filesystem::remove_all(shaken.index);
  shaken.Start();
  const auto lines = std::map<std::string, std::vector<std::string>>{{"flights.requests", Lines(requests)},
                                                                     {"flights.labels", Lines(labels)}};
  std::map<std::string, std::size_t> at;
  unsigned turn = 0;
  while (at["flights.requests"] < lines.at("flights.requests").size() ||
         at["flights.labels"] < lines.at("flights.labels").size()) {
    const std::string topic = ++turn % 2 == 0 ? "flights.labels" : "flights.requests";
    auto counter = std::make_unique<ShardCounter>(ShardId{topic, 0}, shaken.plan->topics.at(topic),
                                                  shaken.judge->AddShard({topic, 0}, 0));
    // What a crash loses is read again: the judge's offset says from where.
    std::size_t from = static_cast<std::size_t>(counter->next_offset());
    for (std::size_t i = 0; i < 700 && from < lines.at(topic).size(); ++i, ++from)
      counter->Add({lines.at(topic)[from], static_cast<std::int64_t>(from), std::nullopt});
    counter->EndBatch();
    at[topic] = from;
    shaken.judge->Apply(counter->Take());
    if (turn % 3 == 0) {
      shaken.Start();  // the last commit is what is left
      at[topic] = 0;
      continue;
    }
    shaken.judge->Checkpoint();
  }
  shaken.judge->FinishInput();
  shaken.judge->Checkpoint();
  EXPECT_EQ(Quality(shaken)["cohorts"].dump(), Quality(whole)["cohorts"].dump());
  EXPECT_EQ(shaken.Model("flights").labels->joined, whole.Model("flights").labels->joined);
  std::filesystem::remove_all(shaken.index);
}

TEST_F(FlightsQuality, AbsentLabelsCountAsConfigured) {
  ModelConfig model = FlightsConfig();
  model.labels->absent = AbsentLabel{"ontime", std::chrono::hours(24)};
  Pipeline pipeline(model);
  Replay(pipeline);
  std::size_t counted = 0;
  const auto quality = Quality(pipeline);
  for (const auto& cohort : quality["cohorts"]) {
    if (cohort["absent_counted"] != true) continue;
    ++counted;
    const auto& rows = days.at(*baselines::ParseTimestamp(cohort["start"].get<std::string>()));
    double right = 0;
    for (const Row& row : rows) right += row.predicted == (row.label.empty() ? "ontime" : row.label) ? 1 : 0;
    EXPECT_NEAR(cohort["metrics"]["accuracy"]["value"], right / static_cast<double>(rows.size()), 1e-12);
  }
  EXPECT_GT(counted, 300u);
}

TEST_F(FlightsQuality, CalibratedOnLiveLabelsTheEstimateMeetsTheTruthOnAverage) {
  Pipeline pipeline;
  Replay(pipeline);
  const auto mean_gap = [&](bool recalibrated) {
    const auto quality =
        QualityJson(History(pipeline.store->db()), Pipeline::Everything("flights"), {false, recalibrated});
    double gap = 0, labelled = 0;
    for (const auto& cohort : quality["cohorts"]) {
      if (cohort["mature"] != true || cohort["labels"] == 0) continue;
      const double n = cohort["labels"];
      gap += n * (cohort["estimated"]["accuracy"]["value"].get<double>() -
                  cohort["metrics"]["accuracy"]["value"].get<double>());
      labelled += n;
    }
    return gap / labelled;
  };
  EXPECT_LT(std::abs(mean_gap(true)), 0.02);
  EXPECT_NE(mean_gap(true), mean_gap(false)) << "the training data's calibration is still in use";
}

TEST_F(FlightsQuality, SegmentsAddUpToTheirCohort) {
  const std::filesystem::path with_segment = requests.string() + ".segments";
  std::map<std::string, std::uint64_t> expected;
  {
    std::ofstream out(with_segment);
    std::size_t count = 0;
    for (const std::string& line : Lines(requests)) {
      if (++count > 3000) break;
      auto record = nlohmann::json::parse(line);
      record["segment"] = record["features"]["origin"];
      ++expected[record["segment"]];
      out << record.dump() << '\n';
    }
  }
  Pipeline pipeline;
  ReplayFiles({pipeline.judge.get()}, *pipeline.plan, {{"flights.requests", with_segment}, {"flights.labels", labels}},
              {});
  const auto merged = Quality(pipeline), split = Quality(pipeline, true);
  std::map<std::string, std::uint64_t> predictions, labels_of_day, by_segment;
  for (const auto& row : split["cohorts"]) {
    by_segment[row["segment"]] += row["predictions"].get<std::uint64_t>();
    predictions[row["start"]] += row["predictions"].get<std::uint64_t>();
    labels_of_day[row["start"]] += row["labels"].get<std::uint64_t>();
  }
  EXPECT_EQ(by_segment, expected);
  ASSERT_GT(merged["cohorts"].size(), 50u);
  for (const auto& row : merged["cohorts"]) {
    EXPECT_EQ(row["predictions"], predictions[row["start"]]);
    EXPECT_EQ(row["labels"], labels_of_day[row["start"]]);
  }
}

}  // namespace
}  // namespace monitor::testing
