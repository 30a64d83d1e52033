// The parts of `monitorctl init`: names that are written otherwise, ways of writing times, windows for the traffic
// there is, YAML, the draft with its lines.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "monitor/ctl/init/config_draft.h"
#include "monitor/ctl/init/kafka_properties.h"
#include "monitor/ctl/init/name_match.h"
#include "monitor/ctl/init/time_guess.h"
#include "monitor/ctl/init/topic_names.h"
#include "monitor/ctl/init/yaml_text.h"
#include "tests/monitor/daemon/config_files.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;
constexpr std::int64_t kStart = 1'767'225'600;  // 2026-01-01T00:00:00Z

TEST(NameMatchTest, AmbiguousNamesAreLeftAlone) {
  const NameMatch match = MatchNames({"Age", "AGE_", "plan"}, {"age", "plan"});
  EXPECT_EQ(match.same, std::vector<std::string>{"plan"});
  EXPECT_TRUE(match.rename.empty());
  EXPECT_EQ(match.ambiguous, std::vector<std::string>{"AGE_ and Age could be age"});
  EXPECT_EQ(match.columns_left, std::vector<std::string>{"age"});
}

TEST(NameMatchTest, APrefixOnEitherSide) {
  EXPECT_EQ(MatchNames({"num__age", "num__amt"}, {"age", "amt"}).matched(), 2u);
  EXPECT_EQ(MatchNames({"age", "amt"}, {"train.age", "train.amt"}).matched(), 2u);
  EXPECT_EQ(MatchNames({"mileage"}, {"age", "amt"}).matched(), 0u);  // one alone is no prefix
}

TEST(TimeGuessTest, EachWayOfWritingTimes) {
  const auto guess = [](const std::vector<json>& values, std::int64_t seconds) {
    TimedValues timed;
    for (const json& value : values) timed.emplace_back(&value, seconds * kSecond);
    return GuessTime(timed);
  };
  EXPECT_EQ(guess({"2026-01-01T00:00:00Z"}, kStart)->format, "");
  EXPECT_EQ(guess({1767225600}, kStart)->format, "");
  EXPECT_EQ(guess({1767225600123}, kStart)->format, "");
  EXPECT_EQ(guess({1767225600123456}, kStart)->format, "us");
  EXPECT_EQ(guess({1767225600123456789}, kStart)->format, "ns");
  EXPECT_EQ(guess({"31/12/2025 23:59:58", "01/01/2026 00:00:00"}, kStart)->format, "%d/%m/%Y %H:%M:%S");
  EXPECT_EQ(guess({"20251231T235958"}, kStart)->format, "%Y%m%dT%H%M%S");
  EXPECT_FALSE(guess({"soon"}, kStart));
  EXPECT_FALSE(guess({17}, kStart));
  // 5 April or 4 May: the one nearer to the message's own time, and the other is told.
  const auto april = guess({"05/04/2026 12:00:00"}, 1775390400), may = guess({"05/04/2026 12:00:00"}, 1777896000);
  EXPECT_EQ(april->format, "%d/%m/%Y %H:%M:%S");
  EXPECT_EQ(may->format, "%m/%d/%Y %H:%M:%S");
  EXPECT_EQ(may->others, std::vector<std::string>{"%d/%m/%Y %H:%M:%S"});
}

TEST(WindowGuessTest, TheShortestWindowWithEnoughRows) {
  EXPECT_EQ(GuessWindow(1001, 10 * kDay).window, "7d");  // 100 a day
  EXPECT_EQ(GuessWindow(101, 10 * kDay).window, "28d");  // 10 a day
  EXPECT_EQ(GuessWindow(11, 10 * kDay).window, "91d");   // 1 a day
  EXPECT_EQ(GuessWindow(1001, 10 * kDay).step, "1d");
  EXPECT_DOUBLE_EQ(GuessWindow(1001, 10 * kDay).rows_a_day, 100);
}

TEST(YamlTextTest, WhatIsNotPlainIsQuoted) {
  for (const char* plain : {"age", "meta.request_id", "$key", "a-b"}) EXPECT_EQ(YamlText(plain), plain);
  EXPECT_EQ(YamlText("no"), "\"no\"");
  EXPECT_EQ(YamlText("1"), "\"1\"");
  EXPECT_EQ(YamlText("a: b"), "\"a: b\"");
  EXPECT_EQ(YamlText("${env:X}"), "\"$${env:X}\"");
  EXPECT_EQ(PathStep("request.id[0]"), "request\\.id\\[0]");
}

TEST(ConfigDraftTest, EveryRemarkHasTheLineOfItsKey) {
  Draft draft;
  draft.brokers = "b:1";
  draft.model = "m";
  draft.topic = "t";
  draft.window = GuessWindow(0, 0);
  draft.requests.fields = {{"id", "$key", ""}, {"features", "x", ""}};
  draft.labels.emplace().fields = {{"id", "n", ""}};
  draft.labels_topic = "l";
  const DraftText text = WriteDraft(draft);
  std::vector<std::string> lines{""};
  std::istringstream in(text.text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  EXPECT_EQ(lines.at(text.LineOf("features")), "        features: x");
  EXPECT_EQ(lines.at(text.LineOf("labels.id")), "        id: n");
  EXPECT_EQ(lines.at(text.LineOf("rename")), "      fields:");  // is not there: goes under it
  EXPECT_EQ(lines.at(text.LineOf("topic")), "      topic: t");
}

TEST(KafkaPropertiesTest, LinesOfNameAndValue) {
  const ConfigFolder folder;
  const auto read =
      ReadKafkaProperties(folder.Write("p", "# comment\nsecurity.protocol = SASL_SSL\n\nsasl.password=a=b\n"));
  EXPECT_EQ(read, (std::map<std::string, std::string>{{"security.protocol", "SASL_SSL"}, {"sasl.password", "a=b"}}));
  EXPECT_TRUE(IsSecret("sasl.password") && !IsSecret("sasl.username"));
  EXPECT_THROW(ReadKafkaProperties(folder.Write("q", "nothing\n")), std::runtime_error);
}

TEST(TopicNamesTest, ModelAndResponsesFromTheNameOfTheTopic) {
  EXPECT_EQ(ModelOfTopic("churn.requests", "train"), "churn");
  EXPECT_EQ(ModelOfTopic("seldon.default.model.flights.inputs", "train"), "flights");
  EXPECT_EQ(ModelOfTopic("inference.logs", "train"), "train");
  const std::vector<std::string> topics{"a.outputs", "churn.response", "x"};
  EXPECT_EQ(ResponsesBeside("a.inputs", topics), "a.outputs");
  EXPECT_EQ(ResponsesBeside("churn.request", topics), "churn.response");
  EXPECT_EQ(ResponsesBeside("x", topics), "");
}

}  // namespace
}  // namespace monitor
