// Every message of tests/data/bad ends in the counters that its README expects, alone and in the total.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <fstream>

#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

std::string FromBase64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  std::size_t padding = 0;
  if (text.ends_with("=="))
    padding = 2;
  else if (text.ends_with("="))
    padding = 1;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// Counters of one delta or snapshot in the words of totals.json.
nlohmann::json Words(const ModelCounters& counters) {
  nlohmann::json words;
  if (counters.counted) words["counted"] = counters.counted;
  if (counters.late) words["late"] = counters.late;
  for (std::size_t i = 0; i < kRejects; ++i) {
    if (counters.rejects[i]) words["rejected"][std::string(kRejectTexts[i])] = counters.rejects[i];
  }
  return words;
}

class BadRecords : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const std::string& line : Lines(std::filesystem::path(TEST_DATA) / "bad/bad_records.jsonl")) {
      auto message = nlohmann::json::parse(line);
      if (message["topic"] == "requests") requests.push_back(std::move(message));
    }
    ASSERT_EQ(requests.size(), 256u);
  }
  std::vector<nlohmann::json> requests;
};

TEST_F(BadRecords, EveryMessageMovesExactlyItsCounters) {
  Pipeline pipeline;
  auto counter = pipeline.Counter({"flights.requests", 0});
  std::int64_t offset = 0;
  std::map<std::string, ModelCounters> before;
  for (const auto& message : requests) {
    const std::string name = message["case"];
    const std::string value = message["value_base64"].is_null() ? "" : FromBase64(message["value_base64"]);
    counter->Add({value, offset++, message["kafka_timestamp"].get<std::int64_t>() * 1'000'000});
    counter->EndBatch();
    ShardDelta delta = counter->Take();
    delta.CountRows();
    const auto& expect = message["expect"];

    std::uint64_t extra = 0;
    std::map<std::string, std::map<std::string, std::uint64_t>> faults;
    std::string version, variant;
    for (const auto& [key, pane] : delta.panes) {
      extra += pane.extra;
      version = key.version;
      variant = key.variant;
      for (std::size_t i = 0; i < pane.columns.size(); ++i) {
        const auto& column = pane.columns[i];
        const std::string& feature = pane.frame->column(i).name;
        if (column.missing()) faults["missing"][feature] = column.missing();
        if (column.unseen()) faults["unseen"][feature] = column.unseen();
        if (column.type_faults()) faults["type_faults"][feature] = column.type_faults();
      }
    }
    for (const char* kind : {"missing", "unseen", "type_faults"}) {
      EXPECT_EQ(nlohmann::json(faults[kind]),
                expect.value(kind, nlohmann::json(std::map<std::string, std::uint64_t>{})))
          << name << " " << kind;
    }
    EXPECT_EQ(extra, expect.value("extra", 0u)) << name;
    if (expect.contains("counted")) {
      EXPECT_EQ(version, expect.value("version", "1")) << name;
      EXPECT_EQ(variant, expect.value("variant", "")) << name;
    }

    pipeline.judge->Apply(std::move(delta));
    pipeline.judge->Checkpoint();
    const std::string model = expect["model"];
    const ModelCounters now = pipeline.Model(model).counters;
    ModelCounters moved = now;
    const ModelCounters& old = before[model];
    moved.counted -= old.counted;
    moved.late -= old.late;
    moved.duplicates -= old.duplicates;
    for (std::size_t i = 0; i < kRejects; ++i) moved.rejects[i] -= old.rejects[i];
    before[model] = now;
    nlohmann::json expected;
    for (const char* key : {"counted", "late", "rejected"}) {
      if (expect.contains(key)) expected[key] = expect[key];
    }
    EXPECT_EQ(Words(moved), expected) << name << ": " << message.value("note", "");
    EXPECT_EQ(moved.duplicates, expect.value("duplicates", 0u)) << name;
  }
}

TEST_F(BadRecords, TotalsAreTheSameForAnyBatches) {
  std::ifstream file(std::filesystem::path(TEST_DATA) / "bad/totals.json");
  const auto totals = nlohmann::json::parse(file)["requests"];
  for (const std::size_t batch : {1u, 7u, 300u}) {
    Pipeline pipeline;
    auto counter = pipeline.Counter({"flights.requests", 0});
    std::int64_t offset = 0;
    std::vector<std::string> values;
    for (const auto& message : requests)
      values.push_back(message["value_base64"].is_null() ? "" : FromBase64(message["value_base64"]));
    for (std::size_t i = 0; i < requests.size(); ++i) {
      counter->Add({values[i], offset++, requests[i]["kafka_timestamp"].get<std::int64_t>() * 1'000'000});
      if ((i + 1) % batch == 0) {
        counter->EndBatch();
        pipeline.judge->Apply(counter->Take());
      }
    }
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
    pipeline.judge->Checkpoint();
    for (const std::string model : {"flights", ""}) {
      const auto& expected = totals["models"][model];
      const ModelCounters got = pipeline.Model(model).counters;
      EXPECT_EQ(got.received(), expected["received"]) << model;
      EXPECT_EQ(got.counted, expected["counted"]) << model;
      EXPECT_EQ(got.late, expected["late"]) << model;
      EXPECT_EQ(got.rejected(), expected["rejected"]) << model;
      EXPECT_EQ(got.duplicates, expected["duplicates"]) << model;
      EXPECT_EQ(Words(got)["rejected"], expected["rejects"]) << model;
    }
    EXPECT_EQ(pipeline.Model("flights").counters.extra, totals["extra"]);
  }
}

// Labels and requests may be drained in any order and in batches of any size.
TEST(BadLabels, TotalsAreTheSameForAnyOrderAndBatches) {
  std::ifstream file(std::filesystem::path(TEST_DATA) / "bad/totals.json");
  const auto totals = nlohmann::json::parse(file)["labels"];
  struct Bytes {
    std::string value;
    std::int64_t time_ns;
  };
  std::map<std::string, std::vector<Bytes>> topics;
  for (const std::string& line : Lines(std::filesystem::path(TEST_DATA) / "bad/bad_records.jsonl")) {
    const auto message = nlohmann::json::parse(line);
    topics["flights." + message["topic"].get<std::string>()].push_back(
        {message["value_base64"].is_null() ? "" : FromBase64(message["value_base64"]),
         message["kafka_timestamp"].get<std::int64_t>() * 1'000'000});
  }
  ASSERT_EQ(topics["flights.labels"].size(), 55u);
  for (const bool labels_first : {false, true}) {
    for (const std::size_t batch : {1u, 5u, 300u}) {
      Pipeline pipeline;
      std::vector<std::string> order{"flights.requests", "flights.labels"};
      if (labels_first) std::swap(order[0], order[1]);
      for (const std::string& topic : order) {
        auto counter = pipeline.Counter({topic, 0});
        std::int64_t offset = 0;
        for (const Bytes& message : topics[topic]) {
          counter->Add({message.value, offset++, message.time_ns});
          if (static_cast<std::size_t>(offset) % batch != 0) continue;
          counter->EndBatch();
          pipeline.judge->Apply(counter->Take());
        }
        counter->EndBatch();
        pipeline.judge->Apply(counter->Take());
      }
      pipeline.judge->Checkpoint();
      const ModelSnapshot model = pipeline.Model("flights");
      ASSERT_TRUE(model.labels.has_value());
      const LabelCounters& labels = *model.labels;
      const std::string where =
          (labels_first ? "labels first, batches of " : "requests first, batches of ") + std::to_string(batch);
      EXPECT_EQ(labels.joined, 23u) << where;
      EXPECT_EQ(labels.corrected, 2u) << where;
      EXPECT_EQ(labels.duplicate, 2u) << where;
      EXPECT_EQ(labels.unmatched, 4u) << where;
      EXPECT_EQ(labels.late, 1u) << where;
      EXPECT_EQ(labels.waiting, 0u) << where;
      const ModelSnapshot nobody = pipeline.Model("");
      const std::uint64_t unknown = nobody.labels ? nobody.labels->rejected() : 0;
      EXPECT_EQ(labels.rejected() + unknown, 23u) << where;
      for (const auto& [reason, count] : std::map<std::string, std::uint64_t>{{"empty", 3},
                                                                              {"encoding", 3},
                                                                              {"json", 1},
                                                                              {"shape", 1},
                                                                              {"id", 2},
                                                                              {"time", 3},
                                                                              {"future", 1},
                                                                              {"label", 8}}) {
        const auto at = static_cast<std::size_t>(std::find(kRejectTexts.begin(), kRejectTexts.end(), reason) -
                                                 kRejectTexts.begin());
        EXPECT_EQ(labels.rejects[at], count) << where << " " << reason;
      }
      EXPECT_EQ(unknown, 1u) << where << ": an unknown model";
    }
  }
}

}  // namespace
}  // namespace monitor::testing
