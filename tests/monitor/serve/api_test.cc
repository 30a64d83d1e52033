// The API's shapes key by key, and what its query parameters mean.
#include "monitor/serve/api.h"

#include <set>

#include <gtest/gtest.h>

namespace monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::set<std::string> Keys(const nlohmann::json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

ModelSnapshot Flights() {
  ModelSnapshot model;
  model.name = "flights";
  model.versions.push_back({"1", "", "1", "d1e2", 9000, {{"score", "traffic of May"}}, 40, 1368291600 * kSecond});
  model.health = Health::kBehind;
  model.mood = ModelMood::kAlarm;
  model.counters.counted = 40;
  model.counters.late = 3;
  model.counters.skipped = 2;
  model.counters.rejects[static_cast<std::size_t>(Reject::kJson)] = 5;
  model.counters.duplicates = 1;
  model.watermark_ns = 1368291000 * kSecond;
  model.lag = 17;
  model.lag_known = true;
  model.window_start_ns = 1368230400 * kSecond;
  model.window_end_ns = 1368316800 * kSecond;
  model.window_count = 38;
  return model;
}

TEST(Api, AModelThatLearnsItsBaselineLooksLikeTheOthers) {
  Snapshot snapshot;
  snapshot.models.push_back(Flights());
  nlohmann::json answer = ModelsJson(snapshot);
  AddLearning({{"young", 4210, 10'000, 3 * 86'400 * kSecond, 7 * 86'400 * kSecond}}, answer["models"]);
  ASSERT_EQ(answer["models"].size(), 2u);
  EXPECT_TRUE(answer["models"][0]["learning"].is_null());
  const nlohmann::json& young = answer["models"][1];
  EXPECT_EQ(Keys(young), Keys(answer["models"][0]));
  EXPECT_EQ(young["name"], "young");
  EXPECT_EQ(young["state"], "calibrating");
  EXPECT_EQ(young["learning"], (nlohmann::json{{"parts", nlohmann::json::array()},
                                               {"rows", 4210},
                                               {"of_rows", 10'000},
                                               {"seconds", 259'200},
                                               {"of_seconds", 604'800},
                                               {"labels_due", nullptr}}));
}

// A watched model whose baseline lacks a part says so in its own entry.
TEST(Api, PartsThatAreLearnt) {
  Snapshot snapshot;
  snapshot.models.push_back(Flights());
  nlohmann::json answer = ModelsJson(snapshot);
  AddLearning({{"flights", 4210, 10'000, 0, 604'800 * kSecond, {"prediction", "quality"}, 1368291600 * kSecond}},
              answer["models"]);
  ASSERT_EQ(answer["models"].size(), 1u);
  const nlohmann::json& model = answer["models"][0];
  EXPECT_EQ(model["received"], 50);
  EXPECT_EQ(model["learning"]["parts"], (nlohmann::json{"prediction", "quality"}));
  EXPECT_EQ(model["learning"]["labels_due"], "2013-05-11T17:00:00Z");
}

TEST(Api, ModelsHaveExactlyTheDocumentedKeys) {
  Snapshot snapshot;
  snapshot.models.push_back(Flights());
  const nlohmann::json answer = ModelsJson(snapshot);
  EXPECT_EQ(Keys(answer), (std::set<std::string>{"models"}));
  const nlohmann::json& model = answer.at("models").at(0);
  EXPECT_EQ(Keys(model), (std::set<std::string>{"name", "versions", "health", "state", "received", "counted", "late",
                                                "rejected", "skipped", "duplicates", "labels", "watermark", "lag",
                                                "window", "calibrating", "learning"}));
  EXPECT_EQ(model.at("name"), "flights");
  EXPECT_EQ(model.at("health"), "behind");
  EXPECT_EQ(model.at("state"), "alarm");
  EXPECT_EQ(model.at("received"), 50);
  EXPECT_EQ(model.at("counted"), 40);
  EXPECT_EQ(model.at("late"), 3);
  EXPECT_EQ(model.at("rejected"), 5);
  EXPECT_EQ(model.at("skipped"), 2);
  EXPECT_EQ(model.at("duplicates"), 1);
  EXPECT_EQ(model.at("watermark"), "2013-05-11T16:50:00Z");
  EXPECT_EQ(model.at("lag"), 17);
  EXPECT_EQ(model.at("window"),
            (nlohmann::json{{"start", "2013-05-11T00:00:00Z"}, {"end", "2013-05-12T00:00:00Z"}, {"count", 38}}));
  const nlohmann::json& version = model.at("versions").at(0);
  EXPECT_EQ(Keys(version), (std::set<std::string>{"version", "variant", "baseline", "counted", "last_seen"}));
  EXPECT_EQ(version.at("baseline"),
            (nlohmann::json{
                {"version", "1"}, {"digest", "d1e2"}, {"rows", 9000}, {"learnt", {{"score", "traffic of May"}}}}));
  EXPECT_EQ(version.at("last_seen"), "2013-05-11T17:00:00Z");
}

TEST(Api, WhatIsUnknownIsNull) {
  Snapshot snapshot;
  ModelSnapshot model;
  model.name = "new";
  model.versions.push_back({});
  snapshot.models.push_back(model);
  const nlohmann::json shown = ModelsJson(snapshot).at("models").at(0);
  EXPECT_TRUE(shown.at("watermark").is_null());
  EXPECT_TRUE(shown.at("lag").is_null());
  EXPECT_TRUE(shown.at("window").is_null());
  EXPECT_TRUE(shown.at("versions").at(0).at("baseline").is_null());
  EXPECT_TRUE(shown.at("versions").at(0).at("last_seen").is_null());
}

TEST(Api, EveryHealthAndStateHasItsWord) {
  EXPECT_EQ(Text(Health::kOk), "ok");
  EXPECT_EQ(Text(Health::kBehind), "behind");
  EXPECT_EQ(Text(Health::kStalled), "stalled");
  EXPECT_EQ(Text(Health::kNoData), "no_data");
  EXPECT_EQ(Text(ModelMood::kOk), "ok");
  EXPECT_EQ(Text(ModelMood::kCalibrating), "calibrating");
  EXPECT_EQ(Text(ModelMood::kWarning), "warning");
  EXPECT_EQ(Text(ModelMood::kAlarm), "alarm");
}

TEST(Api, AModelThatCalibratesSaysHowFarItIsAndUntilWhen) {
  Snapshot snapshot;
  ModelSnapshot model;
  model.name = "m";
  snapshot.models.push_back(model);
  EXPECT_TRUE(ModelsJson(snapshot).at("models").at(0).at("calibrating").is_null());
  snapshot.models[0].calibrating = {3, 8, 1'368'291'600 * kSecond};
  EXPECT_EQ(ModelsJson(snapshot).at("models").at(0).at("calibrating"),
            nlohmann::json::parse(R"({"steps": 3, "of": 8, "until": "2013-05-11T17:00:00Z"})"));
}

TEST(Query, ReadsEveryParameter) {
  const HistoryQuery query = ParseHistoryQuery({{"version", "2"},
                                                {"variant", ""},
                                                {"feature", "distance"},
                                                {"from", "2013-05-11T17:00:00Z"},
                                                {"to", "1368378000"},
                                                {"limit", "5"},
                                                {"unknown", "x"}});
  EXPECT_EQ(query.version, "2");
  EXPECT_EQ(query.variant, "");
  EXPECT_EQ(query.feature, "distance");
  EXPECT_EQ(query.from_ns, 1368291600 * kSecond);
  EXPECT_EQ(query.to_ns, 1368378000 * kSecond);
  EXPECT_EQ(query.limit, 5u);
}

TEST(Query, HasADefaultLimitAndNoOtherCondition) {
  const HistoryQuery query = ParseHistoryQuery({});
  EXPECT_EQ(query.limit, 1000u);
  EXPECT_FALSE(query.version || query.variant || query.from_ns || query.to_ns);
  EXPECT_TRUE(query.model.empty() && query.feature.empty());
}

TEST(Query, ReadsAnOffsetWhosePlusBecameABlank) {
  EXPECT_EQ(ParseHistoryQuery({{"from", "2013-05-11T19:00:00 02:00"}}).from_ns, 1368291600 * kSecond);
}

TEST(Query, RefusesWhatItCannotRead) {
  EXPECT_THROW(ParseHistoryQuery({{"from", "yesterday"}}), BadRequest);
  EXPECT_THROW(ParseHistoryQuery({{"to", ""}}), BadRequest);
  for (const char* limit : {"0", "-1", "ten", "1e3", "", "100001", "99999999999999999999"}) {
    EXPECT_THROW(ParseHistoryQuery({{"limit", limit}}), BadRequest) << limit;
  }
  EXPECT_THROW(ParseHistoryQuery({{"limit", "1"}, {"limit", "2"}}), BadRequest);
  EXPECT_THROW(ParseHistoryQuery({{"from", "20"}, {"to", "10"}}), BadRequest);
  try {
    ParseHistoryQuery({{"from", "yesterday"}});
  } catch (const BadRequest& error) {
    EXPECT_NE(std::string(error.what()).find("`from` is `yesterday`"), std::string::npos) << error.what();
  }
}

TEST(Counters, AddUpAndSurviveEncoding) {
  ModelCounters counters = Flights().counters;
  counters.extra = 7;
  EXPECT_EQ(counters.received(), counters.counted + counters.late + counters.rejected() + counters.skipped);
  detectors::Encoder out;
  counters.Encode(out);
  detectors::Decoder in(out.bytes());
  ModelCounters twice = ModelCounters::Decode(in);
  EXPECT_TRUE(in.AtEnd());
  twice.Add(counters);
  EXPECT_EQ(twice.received(), 2 * counters.received());
  EXPECT_EQ(twice.rejects[static_cast<std::size_t>(Reject::kJson)], 10u);
  EXPECT_EQ(twice.duplicates, 2u);
  EXPECT_EQ(twice.extra, 14u);
}

}  // namespace
}  // namespace monitor
