// Rows learnt from traffic without a baseline are those that the messages hold, in every format.
#include "monitor/training/traffic_rows.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "baselines/build/profile_builder.h"
#include "baselines/csv/record_scanner.h"
#include "baselines/profile_file.h"
#include "monitor/ingest/record_line.h"
#include "monitor/training/training_files.h"
#include "tests/baselines/temporary_file.h"
#include "tests/monitor/daemon/config_files.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

const std::filesystem::path kFormats = std::filesystem::path(TEST_DATA) / "formats";
constexpr std::int64_t kArrivalNs = 1'362'200'000 * kSecond;

Config ConfigOf(const json& requests, const json& labels = nullptr) {
  const ConfigFolder folder;
  json model = {{"name", "flights"}, {"baseline", "learn"}, {"requests", requests}, {"max_clock_skew", "3650d"}};
  if (!labels.is_null()) model["labels"] = labels;
  return folder.Read(json{{"kafka", {{"brokers", "b"}}}, {"models", {model}}}.dump());
}

void AddLines(TrafficRows& rows, const std::string& topic, const std::filesystem::path& file) {
  RecordLine line;
  std::int64_t offset = 0;
  for (const std::string& text : Lines(file)) {
    Message message = line.Read(text, offset++);
    message.timestamp_ns = kArrivalNs;
    rows.Add(json::parse(text).value("topic", topic), message);
  }
}

// What the rows of an expected file say of each feature: texts and how often, without missing ones.
std::map<std::string, std::map<std::string, int>> Expected(const std::filesystem::path& file, std::uint64_t& rows) {
  std::map<std::string, std::map<std::string, int>> counts;
  for (const std::string& text : Lines(file)) {
    const json line = json::parse(text);
    if (line.contains("orphan")) continue;
    rows += line["rows"].get<std::uint64_t>();
    for (const json& row : line["features"]) {
      for (const auto& [name, value] : row.items()) {
        if (!value.is_null()) ++counts[name][value.is_string() ? value.get<std::string>() : value.dump()];
      }
    }
  }
  return counts;
}

void ExpectFeatures(const baselines::Profile& profile, const std::filesystem::path& expected) {
  std::uint64_t rows = 0;
  const auto counts = Expected(expected, rows);
  EXPECT_EQ(profile.rows, rows);
  std::set<std::string> names;
  for (const auto& column : profile.features) names.insert(column.name);
  for (const baselines::IgnoredColumn& ignored : profile.ignored) names.insert(ignored.name);  // no value in any row
  for (const auto& [name, values] : counts) {
    EXPECT_TRUE(names.contains(name)) << name;
    const baselines::ProfileColumn* const column = profile.Find(name);
    if (column == nullptr) continue;
    std::uint64_t all = 0;
    double sum = 0;
    for (const auto& [value, count] : values) {
      all += static_cast<std::uint64_t>(count);
      if (column->kind() == detectors::FeatureKind::kNumeric) sum += std::stod(value) * count;
    }
    EXPECT_EQ(column->summary.values(), all) << name;
    EXPECT_EQ(column->summary.missing(), rows - all) << name;
    if (column->kind() == detectors::FeatureKind::kNumeric) {
      EXPECT_NEAR(column->summary.moments().mean(), sum / static_cast<double>(all), 1e-9) << name;
    } else {
      EXPECT_EQ(column->distinct, static_cast<double>(values.size())) << name;
    }
  }
}

json Order() {
  return {"carrier", "origin", "dest",  "weekday",    "hour",      "distance", "seats",    "plane_age",
          "temp",    "dewp",   "humid", "wind_speed", "wind_gust", "precip",   "pressure", "visib"};
}

json Values() { return json::parse(Lines(kFormats / "category_codes.json").front()); }

TEST(TrafficRows, EveryFormat) {
  struct Case {
    std::string format, file, expected;
  };
  for (const Case& each : {Case{"sagemaker", "sagemaker_capture.jsonl", "sagemaker_expected.jsonl"},
                           Case{"kserve", "kserve_binary.jsonl", "kserve_expected.jsonl"}}) {
    SCOPED_TRACE(each.file);
    const Config config =
        ConfigOf({{"topic", "calls"}, {"format", each.format}, {"fields", {{"order", Order()}, {"values", Values()}}}});
    TrafficRows rows(config, "flights", {});
    AddLines(rows, "calls", kFormats / each.file);
    if (each.format == "kserve") AddLines(rows, "calls", kFormats / "kserve_structured.jsonl");
    EXPECT_EQ(rows.counts().rejected, 0u);
    ExpectFeatures(rows.Build("1", ""), kFormats / each.expected);
  }
}

// Training rows as messages and labels of the project's own format, and as the JSON lines that they are.
TEST(TrafficRows, GivesTheBaselineOfTheRows) {
  const baselines::TextFile csv(Unpack(std::filesystem::path(TEST_DATA) / "flights/train.csv.gz", "traffic-train.csv"));
  const baselines::CsvHeader header = baselines::ReadHeader(csv);
  baselines::RecordScanner scanner(csv, header, header.records, csv.text().data() + csv.text().size());
  const Config config = ConfigOf({{"topic", "calls"}}, {{"topic", "truth"}});
  TrafficRows rows(config, "flights", {});
  std::string lines;
  std::vector<std::string> requests;
  std::size_t labelled = 0;
  for (int id = 0; scanner.Next(); ++id) {
    json features = json::object(), row = json::object();
    for (std::size_t i = 0; i < header.names.size(); ++i) {
      const std::string cell = baselines::FieldText(scanner.fields()[i]), &name = header.names[i];
      const bool field = name == "timestamp" || name == "prediction" || name == "score" || name == "label";
      (field ? row : features)[name] = cell.empty() ? json(nullptr) : json(cell);
    }
    row["id"] = std::to_string(id);
    labelled += !row["label"].is_null();
    // The label's message, and the request's without it.
    json request = row, label = {{"id", row["id"]}, {"timestamp", row["timestamp"]}, {"label", row["label"]}};
    request.erase("label");
    request["features"] = features;
    rows.Add("truth", Message{label.dump(), id, kArrivalNs});
    requests.push_back(request.dump());
    // Names in the order in which the learnt rows have them.
    lines += "{\"id\":" + row["id"].dump() + ",\"timestamp\":" + row["timestamp"].dump() +
             ",\"features\":" + features.dump() + ",\"prediction\":" + row["prediction"].dump() +
             ",\"score\":" + row["score"].dump() + ",\"label\":" + row["label"].dump() + "}\n";
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    rows.Add("calls", Message{requests[i], static_cast<std::int64_t>(i), kArrivalNs});
    if (i % 7 == 0) rows.Add("calls", Message{requests[i], static_cast<std::int64_t>(i), kArrivalNs});  // comes again
  }
  EXPECT_EQ(rows.counts().rows, requests.size());
  EXPECT_EQ(rows.counts().labelled, labelled);
  EXPECT_EQ(rows.counts().repeated, (requests.size() + 6) / 7);
  const baselines::TemporaryFile file(lines, ".jsonl");
  baselines::BuildOptions options;
  options.model = "flights";
  options.version = "3";
  baselines::Profile learnt = rows.Build("3", ""),
                     built = baselines::BuildProfile(OpenTrainingFiles({file.path()}, {}).csv, options);
  EXPECT_EQ(learnt.source, "traffic of 2013-01-01 10:58 UTC to 2013-03-01 03:58 UTC");
  learnt.source = built.source = "";
  EXPECT_EQ(baselines::ProfileToJson(learnt), baselines::ProfileToJson(built));
}

TEST(TrafficRows, LeavesOutWhatIsNoRowOfTheModel) {
  const Config config = ConfigOf({{"topic", "calls"}});
  TrafficRows rows(config, "flights", {kArrivalNs - 100 * kSecond, kArrivalNs});
  const auto add = [&](const std::string& text) { rows.Add("calls", Message{text, 0, kArrivalNs}); };
  const auto request = [](std::int64_t second, const std::string& more) {
    return "{\"timestamp\":" + std::to_string(kArrivalNs / kSecond + second) + ",\"features\":{\"a\":1" + more + "}}";
  };
  add(request(-100, ""));
  add(request(-1, ",\"b\":\"x\""));  // a feature that joins
  add(request(0, ""));               // the end is outside
  add(request(-101, ""));
  add("{");
  add("{\"model\":\"other\",\"timestamp\":1362199999,\"features\":{}}");
  EXPECT_EQ(rows.counts().rows, 2u);
  EXPECT_EQ(rows.counts().outside, 2u);
  EXPECT_EQ(rows.counts().rejected, 2u);
  const baselines::Profile profile = rows.Build("1", "");
  ASSERT_EQ(profile.features.size(), 2u);
  EXPECT_EQ(profile.features[1].name, "b");
  EXPECT_EQ(profile.features[1].summary.missing(), 1u);
}

TEST(TrafficRows, ListsWithoutAnOrderAreNamedByPlace) {
  const Config config =
      ConfigOf({{"topic", "calls"}, {"fields", {{"features", {{"path", "x"}, {"order", "baseline"}}}}}});
  TrafficRows rows(config, "flights", {});
  for (int i = 0; i < 50; ++i)
    rows.Add("calls",
             Message{"{\"timestamp\":1362199999,\"x\":[" + std::to_string(i) + ",\"u\"" + (i == 20 ? ",3" : "") + "]}",
                     i, kArrivalNs});
  const baselines::Profile profile = rows.Build("1", "");
  ASSERT_EQ(profile.features.size(), 3u);
  EXPECT_EQ(profile.features[0].name, "_c0");
  EXPECT_EQ(profile.features[0].summary.moments().mean(), 24.5);
  EXPECT_EQ(profile.features[2].summary.missing(), 49u);
}

TEST(TrafficRows, ASampleIsTheSameHoweverTheTrafficIsRead) {
  const Config config = ConfigOf({{"topic", "calls"}});
  TrafficRows forwards(config, "flights", {}, 0.25), backwards(config, "flights", {}, 0.25);
  const auto request = [](int i) {
    return "{\"id\":" + std::to_string(i) + ",\"timestamp\":1362199999,\"features\":{\"a\":" + std::to_string(i) + "}}";
  };
  for (int i = 0; i < 4000; ++i) {
    forwards.Add("calls", Message{request(i), i, kArrivalNs});
    backwards.Add("calls", Message{request(3999 - i), i, kArrivalNs});
  }
  EXPECT_NEAR(static_cast<double>(forwards.counts().rows), 1000, 110) << "four standard deviations of the binomial";
  EXPECT_EQ(forwards.counts().rows + forwards.counts().unchosen, 4000u);
  const auto forth = forwards.Build("1", ""), back = backwards.Build("1", "");
  EXPECT_EQ(forth.features[0].summary.moments().max(), back.features[0].summary.moments().max());
  EXPECT_EQ(forth.rows, back.rows);
  EXPECT_TRUE(std::ranges::equal(forth.features[0].summary.bins(), back.features[0].summary.bins()));
}

}  // namespace
}  // namespace monitor::testing
