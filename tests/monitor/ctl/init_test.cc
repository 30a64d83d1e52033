// `monitorctl init`: every shape of traffic is recognised, and the configuration that is drafted for it makes the
// daemon's own pipeline count every record and match every feature. What is ambiguous or missing is said.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "baselines/profile_file.h"
#include "monitor/ctl/init/config_draft.h"
#include "monitor/ctl/traffic/trial.h"
#include "tests/monitor/daemon/config_files.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

constexpr std::int64_t kStart = 1'767'225'600;  // 2026-01-01T00:00:00Z
constexpr int kRecords = 200;
const char* const kPlans[] = {"basic", "pro", "free"};

// One record of the shop: its training columns are age, amount, plan, city.
struct ShopRow {
  explicit ShopRow(int i)
      : id("r-" + std::to_string(i)),
        seconds(kStart + 60 * i),
        age(20 + i * 7 % 50),
        amount(1.5 + i % 90),
        plan(kPlans[i % 3]),
        city(i % 2 == 0 ? "Rome" : "Oslo"),
        score(i % 10 / 10.0),
        prediction(score >= 0.5 ? "yes" : "no") {}
  std::string id;
  std::int64_t seconds;
  int age;
  double amount;
  std::string plan, city;
  double score;
  std::string prediction;
  json Features() const { return {{"age", age}, {"amount", amount}, {"plan", plan}, {"city", city}}; }
};

const baselines::Profile& ShopTraining() {
  static const baselines::Profile profile = [] {
    const ConfigFolder folder;
    std::string csv = "age,amount,plan,city,score,prediction,label\n";
    for (int i = 0; i < 400; ++i) {
      const ShopRow row(i);
      csv += std::to_string(row.age) + "," + std::to_string(row.amount) + "," + row.plan + "," + row.city + "," +
             std::to_string(row.score) + "," + row.prediction + "," + row.prediction + "\n";
    }
    baselines::BuildOptions options;
    options.model = "shop";
    options.positive = "yes";
    return baselines::BuildProfile(folder.Write("train.csv", csv), options);
  }();
  return profile;
}

using Write = std::function<json(const ShopRow&)>;

SampledMessage MessageOf(const std::string& value, std::int64_t seconds, int offset, const std::string& key = "") {
  Message message{value, offset, seconds * kSecond, key};
  SampledMessage sampled(ShardId{"t", 0}, message);
  sampled.order_ns = seconds * kSecond;
  return sampled;
}

std::vector<SampledMessage> Messages(const Write& write, bool keys = false) {
  std::vector<SampledMessage> messages;
  for (int i = 0; i < kRecords; ++i) {
    const ShopRow row(i);
    messages.push_back(MessageOf(write(row).dump(), row.seconds, i, keys ? row.id : ""));
  }
  return messages;
}

Proposal Propose(const std::vector<SampledMessage>& messages) {
  return RecogniseRequests({messages, ShopTraining(), {}});
}

std::string Value(const Proposal& proposal, const std::string& key) {
  for (const FieldLine& field : proposal.fields) {
    if (field.key == key) return field.value;
  }
  return "";
}

bool Says(const Proposal& proposal, Remark::Kind kind, const std::string& text) {
  return std::ranges::any_of(proposal.remarks, [&](const Remark& remark) {
    return remark.kind == kind && remark.text.find(text) != std::string::npos;
  });
}

// What the daemon makes of the messages with the configuration that is drafted for them.
Trial Tried(const std::vector<SampledMessage>& messages, const Proposal& proposal) {
  const ConfigFolder folder;
  Draft draft;
  draft.brokers = "nobody:1";
  draft.model = "shop";
  draft.version = "1";
  draft.baseline = "shop.baseline.json";
  draft.topic = "t";
  draft.requests = proposal;
  draft.window = GuessWindow(0, 0);
  baselines::WriteProfile(ShopTraining(), folder.path() / draft.baseline);
  const std::string text = WriteDraft(draft).text;
  const Config config = folder.Read(text);
  return RunTrial(config, "shop", messages);
}

// The proposal, after all records were counted with it and every feature has values.
Proposal Fits(const std::vector<SampledMessage>& messages, std::uint64_t records = kRecords, bool ids = true) {
  Proposal proposal = Propose(messages);
  EXPECT_EQ(proposal.unreadable, "");
  if (!proposal.unreadable.empty()) return proposal;
  const Trial trial = Tried(messages, proposal);
  EXPECT_EQ(trial.counters.counted, records);
  EXPECT_EQ(trial.counters.rejected(), 0u);
  EXPECT_EQ(trial.counters.duplicates, 0u);
  EXPECT_EQ(trial.features.size(), 4u);
  for (const Trial::Feature& feature : trial.features) {
    EXPECT_EQ(feature.missing + feature.type_faults + feature.unseen, 0u) << feature.name;
    EXPECT_EQ(feature.records, records);
  }
  EXPECT_EQ(trial.with_id, ids ? records : 0u);
  EXPECT_TRUE(trial.counted.score && trial.counted.score->values() == records);
  return proposal;
}

TEST(InitTest, OurOwnJsonNeedsNoFields) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    return json{{"id", row.id},       {"timestamp", row.seconds},     {"features", row.Features()},
                {"score", row.score}, {"prediction", row.prediction}, {"version", "3"}};
  }));
  EXPECT_TRUE(proposal.fields.empty());
  EXPECT_EQ(proposal.version, "3");
}

TEST(InitTest, NestedEnvelopeAndFeaturesUnderAnotherName) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    return json{{"meta", {{"request_id", row.id}, {"ts", row.seconds * 1000}}},
                {"payload", {{"x", row.Features()}}},
                {"outputs", {{{"score", row.score}, {"class", row.prediction}}}}};
  }));
  EXPECT_EQ(Value(proposal, "id"), "meta.request_id");
  EXPECT_EQ(Value(proposal, "features"), "payload.x");
  EXPECT_EQ(Value(proposal, "score"), "\"outputs[0].score\"");
}

TEST(InitTest, FeaturesBesideTheEnvelope) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    json record = row.Features();
    record.update(
        {{"uuid", row.id}, {"created_at", row.seconds}, {"probability", row.score}, {"pred", row.prediction}});
    return record;
  }));
  EXPECT_EQ(Value(proposal, "features"), "$");
}

TEST(InitTest, ListInTheOrderOfTheTrainingFile) {
  // `id` is no part of `i`, though it begins so.
  const auto list = [](const ShopRow& row) {
    return json{{"id", row.id},
                {"i", {row.age, row.amount, row.plan, row.city}},
                {"score", row.score},
                {"prediction", row.prediction}};
  };
  const Proposal proposal = Fits(Messages(list));
  EXPECT_EQ(Value(proposal, "features"), "{path: i, order: baseline}");
  EXPECT_TRUE(Says(proposal, Remark::Kind::kAssumed, "order of the training file"));
}

TEST(InitTest, ListInAnotherOrderIsDoubtedOrRefused) {
  // Two of four columns swapped: said. All of them: nothing fits, and the list is told.
  const Proposal doubted = Propose(Messages([](const ShopRow& row) {
    return json{{"id", row.id}, {"x", {row.age, row.amount, row.city, row.plan}}, {"score", row.score}};
  }));
  EXPECT_TRUE(Says(doubted, Remark::Kind::kAssumed, "do not look so"));
  const Proposal longer = Propose(Messages([](const ShopRow& row) {
    return json{{"id", row.id}, {"x", {row.age, row.amount, row.city, row.plan, 1, 2}}, {"score", row.score}};
  }));
  EXPECT_NE(longer.unreadable.find("x (6 values)"), std::string::npos) << longer.unreadable;
}

TEST(InitTest, NamesBesideTheListGiveItsOrder) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    return json{{"id", row.id},
                {"columns", {"city", "plan", "amount", "age"}},
                {"data", {row.city, row.plan, row.amount, row.age}},
                {"score", row.score},
                {"prediction", row.prediction}};
  }));
  EXPECT_EQ(Value(proposal, "features"), "{path: data, order: [city, plan, amount, age]}");
}

TEST(InitTest, PairsOfNameAndValue) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    json pairs = json::array();
    const json features = row.Features();
    for (const auto& [name, value] : features.items()) pairs.push_back({{"key", name}, {"unit", "-"}, {"val", value}});
    return json{{"id", row.id}, {"inputs", pairs}, {"score", row.score}, {"prediction", row.prediction}};
  }));
  EXPECT_EQ(Value(proposal, "features"), "{path: inputs, name: key, value: val}");
}

TEST(InitTest, SeveralObjectsAreMerged) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    return json{{"id", row.id},
                {"customer", {{"age", row.age}, {"plan", row.plan}}},
                {"order", {{"amount", row.amount}, {"city", row.city}}},
                {"score", row.score},
                {"prediction", row.prediction}};
  }));
  EXPECT_EQ(Value(proposal, "features"), "[customer, order]");
}

TEST(InitTest, NestedFeaturesAreFlattenedAndRenamed) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    return json{{"id", row.id},
                {"f",
                 {{"user", {{"age", row.age}}},
                  {"tx", {{"items", {{{"amount", row.amount}, {"city", row.city}}}}}},
                  {"plan", row.plan}}},
                {"score", row.score},
                {"prediction", row.prediction}};
  }));
  EXPECT_EQ(Value(proposal, "features"), "{path: f, flatten: true}");
  EXPECT_NE(Value(proposal, "rename").find("tx.items.0.amount: amount"), std::string::npos);
}

TEST(InitTest, JsonInsideATextAndASchemaPrefixInFront) {
  std::vector<SampledMessage> messages;
  for (int i = 0; i < kRecords; ++i) {
    const ShopRow row(i);
    const json body{{"id", row.id}, {"features", row.Features()}, {"score", row.score}, {"prediction", row.prediction}};
    messages.push_back(MessageOf(std::string("\0\0\0\0\x2a", 5) + json{{"body", body.dump()}}.dump(), row.seconds, i));
  }
  const Proposal proposal = Fits(messages);
  EXPECT_EQ(Value(proposal, "decode"), "{body: json}");
  EXPECT_EQ(Value(proposal, "features"), "body.features");
}

TEST(InitTest, RowsAsItemsAsListsAndAsColumns) {
  const auto rows_of = [](const std::function<json(const std::vector<ShopRow>&)>& write) {
    std::vector<SampledMessage> messages;
    for (int i = 0; i < kRecords; i += 4) {
      const std::vector<ShopRow> rows{ShopRow(i), ShopRow(i + 1), ShopRow(i + 2), ShopRow(i + 3)};
      messages.push_back(MessageOf(write(rows).dump(), rows[0].seconds, i));
    }
    return messages;
  };
  const Proposal items = Fits(rows_of([](const std::vector<ShopRow>& rows) {
    json list = json::array();
    for (const ShopRow& row : rows)
      list.push_back({{"id", row.id}, {"x", row.Features()}, {"p", row.score}, {"prediction", row.prediction}});
    return json{{"batch", list}};
  }));
  EXPECT_EQ(Value(items, "rows"), "batch");
  EXPECT_EQ(Value(items, "features"), "$row.x");
  const Proposal lists = Fits(rows_of([](const std::vector<ShopRow>& rows) {
    json list = json::array(), scores = json::array();
    for (const ShopRow& row : rows) {
      list.push_back({row.age, row.amount, row.plan, row.city});
      scores.push_back(row.score);
    }
    return json{{"call", rows[0].id}, {"instances", list}, {"predictions", scores}};
  }));
  EXPECT_EQ(Value(lists, "score"), "\"predictions[$row]\"");
  const Proposal columns = Fits(rows_of([](const std::vector<ShopRow>& rows) {
    json data;
    for (const ShopRow& row : rows) {
      const json features = row.Features();
      for (const auto& [name, value] : features.items()) data[name].push_back(value);
      data["score"].push_back(row.score);
      data["prediction"].push_back(row.prediction);
    }
    return json{{"call", rows[0].id}, {"data", data}};
  }));
  EXPECT_EQ(Value(columns, "rows"), "{columns: data}");
}

TEST(InitTest, NamesThatAreWrittenOtherwiseAreRenamed) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    return json{
        {"id", row.id},
        {"features",
         {{"feat_Age", row.age}, {"feat_Amount", row.amount}, {"feat_plan", row.plan}, {"feat_CITY", row.city}}},
        {"score", row.score},
        {"prediction", row.prediction}};
  }));
  EXPECT_EQ(Value(proposal, "rename"), "{feat_Age: age, feat_Amount: amount, feat_CITY: city, feat_plan: plan}");
}

TEST(InitTest, WhatMatchesNothingIsNamedOnBothSides) {
  const Proposal proposal = Propose(Messages([](const ShopRow& row) {
    return json{{"id", row.id},
                {"features", {{"age", row.age}, {"amount", row.amount}, {"plan", row.plan}, {"ville", row.city}}},
                {"score", row.score}};
  }));
  EXPECT_TRUE(Says(proposal, Remark::Kind::kNotFound,
                   "nothing in the traffic matches: city; names in the traffic that match no column: ville"));
  EXPECT_TRUE(Says(proposal, Remark::Kind::kNotFound, "no prediction was found"));
}

TEST(InitTest, OtherMessagesOfTheTopicAreLeftOut) {
  auto messages = Messages([](const ShopRow& row) {
    return json{{"kind", "prediction"},
                {"id", row.id},
                {"features", row.Features()},
                {"score", row.score},
                {"prediction", row.prediction}};
  });
  for (int i = 0; i < 20; ++i)
    messages.push_back(MessageOf(R"({"kind":"heartbeat","host":"a"})", kStart + 60 * kRecords, kRecords + i));
  const Proposal proposal = Fits(messages);
  EXPECT_EQ(Value(proposal, "where"), "{kind: prediction}");
  // Without a value that tells them apart they are told.
  for (std::size_t i = kRecords; i < messages.size(); ++i) messages[i].value = R"({"host":"a"})";
  EXPECT_TRUE(Says(Propose(messages), Remark::Kind::kNotFound, "20 of 220 messages are no record with features"));
}

TEST(InitTest, AnIdThatRepeatsIsNoneAndTheKeyIsTaken) {
  const auto write = [](const ShopRow& row) {
    return json{{"id", row.plan}, {"features", row.Features()}, {"score", row.score}, {"prediction", row.prediction}};
  };
  const Proposal by_key = Fits(Messages(write, true));
  EXPECT_EQ(Value(by_key, "id"), "$key");
  EXPECT_TRUE(Says(Propose(Messages(write)), Remark::Kind::kNotFound, "its values repeat"));
}

TEST(InitTest, SeveralIdsAreTold) {
  const Proposal proposal = Fits(Messages([](const ShopRow& row) {
    return json{{"request_id", row.id},
                {"trace_id", "t" + row.id},
                {"features", row.Features()},
                {"score", row.score},
                {"prediction", row.prediction}};
  }));
  EXPECT_EQ(Value(proposal, "id"), "request_id");
  EXPECT_TRUE(Says(proposal, Remark::Kind::kAssumed, "it could also be `trace_id`"));
}

TEST(InitTest, CodesOfClassesAreProposedOnlyWhereTheyAreClear) {
  const auto with = [](const std::function<json(const ShopRow&)>& prediction) {
    return Messages([&](const ShopRow& row) {
      return json{{"id", row.id}, {"features", row.Features()}, {"score", row.score}, {"prediction", prediction(row)}};
    });
  };
  EXPECT_EQ(Value(Fits(with([](const ShopRow& row) { return row.prediction == "yes" ? 1 : 0; })), "values"),
            "{prediction: {\"0\": \"no\", \"1\": \"yes\"}}");
  const Proposal unclear = Propose(with([](const ShopRow& row) { return row.prediction == "yes" ? "A" : "B"; }));
  EXPECT_EQ(Value(unclear, "values"), "");
  EXPECT_TRUE(
      Says(unclear, Remark::Kind::kNotFound, "the predictions A, B of the traffic are unknown to the training file"));
}

TEST(InitTest, LabelsAreJoinedByTheIdThatRequestsHave) {
  std::vector<SampledMessage> labels;
  for (int i = 0; i < 100; ++i) {
    const ShopRow row(i);
    labels.push_back(MessageOf(
        json{{"uid", "u" + row.id}, {"order", {{"id", row.id}}}, {"outcome", i % 2}, {"seen", row.seconds}}.dump(),
        row.seconds, i));
  }
  const std::vector<std::string> ids{"r-1", "r-2", "r-3"};
  const Proposal proposal = RecogniseLabels({labels, ShopTraining(), ids});
  EXPECT_EQ(Value(proposal, "id"), "order.id");
  EXPECT_EQ(Value(proposal, "label"), "outcome");
  EXPECT_EQ(Value(proposal, "timestamp"), "$timestamp");  // nothing is called like a time
  EXPECT_EQ(Value(proposal, "values"), "{label: {\"0\": \"no\", \"1\": \"yes\"}}");
  const std::vector<std::string> others{"x-1"};
  EXPECT_TRUE(
      Says(RecogniseLabels({labels, ShopTraining(), others}), Remark::Kind::kNotFound, "none of the newest labels"));
}

TEST(InitTest, WhatIsNoJsonSaysWhatItIs) {
  const auto of = [](const std::string& value) { return Propose({MessageOf(value, kStart, 0)}).unreadable; };
  EXPECT_NE(of(std::string("\0\0\0\0\x2a\x02\x08", 7)).find("schema 42"), std::string::npos);
  EXPECT_NE(of("\x0a\x01\xff\x02").find("binary"), std::string::npos);
  EXPECT_NE(of("1,2,3").find("text but no JSON"), std::string::npos);
  EXPECT_NE(of("").find("no value"), std::string::npos);
}

}  // namespace
}  // namespace monitor::testing
