// A decoder that learns layouts gives the records of one that does not, for valid, odd and broken messages alike.
#include "monitor/ingest/json/learned_layout.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <bit>
#include <cstdio>
#include <fstream>
#include <random>

#include "baselines/build/profile_builder.h"
#include "monitor/ingest/json/flat_json.h"
#include "tests/monitor/ingest/record_words.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

// Two decoders over the same topic, one of which learns.
class Twins {
 public:
  explicit Twins(std::shared_ptr<const TopicPlan> plan)
      : general_(plan, FlatJsonDecoder::Layouts::kNone), learned_(plan) {}

  void Compare(const std::string& message) {
    // A copy of exactly its size, so that a read beyond it is found by the sanitizers.
    const std::vector<char> exact(message.begin(), message.end());
    const std::string_view bytes(exact.data(), exact.size());
    const std::string expected = Words(general_.Decode(bytes, kMessageNs));
    EXPECT_EQ(Words(learned_.Decode(bytes, kMessageNs)), expected) << message;
    accepted_ += expected.find(" rejected: ") == std::string::npos ? 1 : 0;
    matched_ += learned_.matched() ? 1 : 0;
  }
  int accepted() const { return accepted_; }
  int matched() const { return matched_; }

 private:
  static constexpr std::int64_t kMessageNs = 1'800'000'000 * kSecond;
  FlatJsonDecoder general_, learned_;
  int accepted_ = 0, matched_ = 0;
};

std::shared_ptr<const TopicPlan> FlightsPlan() {
  static Pipeline pipeline;
  return pipeline.plan->topics.at("flights.requests");
}

std::vector<std::string> FlightsLines() {
  return Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "layout-requests.jsonl"));
}

TEST(LearnedLayoutTest, RealTrafficIsNearlyAllReadByLayout) {
  Twins twins(FlightsPlan());
  const auto lines = FlightsLines();
  for (const std::string& line : lines) twins.Compare(line);
  EXPECT_GT(twins.matched(), 0.9 * twins.accepted());
}

TEST(LearnedLayoutTest, EditedMessagesGiveTheSameRecords) {
  const auto lines = FlightsLines();
  const std::string alphabet = "{}[]\",:\\ntrufalse0123456789.eE+-u \t\x01\xC3\xA9";
  const std::string pieces[] = {"null",
                                "true",
                                "NaN",
                                "-Infinity",
                                "\"\\u00e9\"",
                                "\"\\ud83d\"",
                                "\" na \"",
                                "1e5",
                                "-0",
                                "-0.0",
                                "00",
                                "1.",
                                ".5",
                                "1e400",
                                "5e-324",
                                "12345678",
                                "0.12345678",
                                "1234567.1234567",
                                "9007199254740993",
                                "0.30000000000000004",
                                "1234567890123456789012345",
                                "\"7\"",
                                "{}",
                                "[1,2]",
                                "{\"a\":1}",
                                "\"\"",
                                "\"\xC3\xA9t\xC3\xA9\"",
                                "\"1.0\"",
                                "01",
                                "1 ",
                                " 1",
                                "1e5",
                                "1E5"};
  std::mt19937 random(11);
  Twins twins(FlightsPlan());
  for (int trial = 0; trial < 60'000; ++trial) {
    std::string text = lines[random() % 200];
    for (int edits = static_cast<int>(random() % 3); edits > 0 && !text.empty(); --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 5) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.insert(at, 1, alphabet[random() % alphabet.size()]);
          break;
        case 2:
          text.erase(at, 1 + random() % 3);
          break;
        case 3:
          text.resize(at);
          break;
        default: {  // another value behind a colon
          const std::size_t colon = text.find(':', at);
          if (colon == std::string::npos) break;
          const std::size_t end = text.find_first_of(",}", colon);
          if (end != std::string::npos) text.replace(colon + 1, end - colon - 1, pieces[random() % std::size(pieces)]);
        }
      }
    }
    twins.Compare(text);
    if (HasFailure()) return;
  }
  EXPECT_GT(twins.accepted(), 20'000);
  EXPECT_GT(twins.matched(), 10'000);
}

// Members in any order, left out, twice, with blanks, with nested ones: more layouts than have room.
TEST(LearnedLayoutTest, ManyProducersGiveTheSameRecords) {
  const auto lines = FlightsLines();
  std::mt19937 random(12);
  Twins twins(FlightsPlan());
  for (int trial = 0; trial < 30'000; ++trial) {
    const auto record = nlohmann::ordered_json::parse(lines[random() % 50]);
    const auto producer = random() % 3 == 0 ? random() % 500 : random() % 20;
    std::mt19937 shape(static_cast<std::uint32_t>(producer));
    const auto write = [&](const nlohmann::ordered_json& object, const auto& self) -> std::string {
      std::vector<std::pair<std::string, nlohmann::ordered_json>> members;
      for (const auto& [name, value] : object.items()) members.emplace_back(name, value);
      if (shape() % 2 == 0) std::shuffle(members.begin(), members.end(), shape);
      if (shape() % 4 == 0) members.erase(members.begin() + static_cast<std::ptrdiff_t>(shape() % members.size()));
      if (shape() % 4 == 0) members.push_back(members[shape() % members.size()]);
      if (shape() % 4 == 0)
        members.emplace_back("probabilities", nlohmann::ordered_json{{"late", 0.25}, {"on_time", 0.75}});
      if (shape() % 4 == 0)
        members.emplace_back("tags", nlohmann::ordered_json{1, "two", nlohmann::ordered_json{{"three", nullptr}}});
      const std::string comma = shape() % 2 == 0 ? "," : ", ", colon = shape() % 2 == 0 ? ":" : ": ";
      std::string text = "{";
      for (const auto& [name, value] : members) {
        if (text.size() > 1) text += comma;
        text += nlohmann::json(name).dump() + colon +
                (value.is_object() && value.size() > 2 ? self(value, self) : value.dump());
      }
      return text + "}";
    };
    twins.Compare(write(record, write));
    if (HasFailure()) return;
  }
  EXPECT_GT(twins.matched(), 5'000);
}

// A profile of numbers `a`, `b` and of categories.
std::shared_ptr<const Frame> FrameOf(const std::vector<std::string>& cities, const std::string& name) {
  const auto file = tests::Temporary(name + ".csv");
  {
    std::ofstream csv(file);
    csv << "a,b,city\n";
    for (int row = 0; row < 400; ++row)
      csv << row * 0.5 << ',' << row % 7 << ',' << cities[static_cast<std::size_t>(row) % cities.size()] << '\n';
  }
  return std::make_shared<const Frame>(
      std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, baselines::BuildOptions{})));
}

// Two models of two versions each, all with the same columns but for one: what is a category of one is none of another.
TEST(LearnedLayoutTest, VersionsAndModelsThatShareColumnsGiveTheSameRecords) {
  auto plan = std::make_shared<TopicPlan>();
  plan->topic = "shared";
  for (const std::string name : {"m0", "m1"}) {
    auto model = std::make_shared<ModelPlan>();
    model->name = name;
    model->default_version = "1";
    model->skew_ns = kSecond;
    if (name == "m1") model->missing = baselines::MissingTexts({"Oslo", "7"});
    Epoch epoch;
    epoch.pane_ns = epoch.step_ns = epoch.window_ns = 3600 * kSecond;
    epoch.newest = FrameOf({"Rome", "Oslo", "Bonn"}, name + "-1");
    epoch.by_version["2"] = FrameOf({"Oslo", "Bern", "Rome"}, name + "-2");
    model->epochs.push_back(std::move(epoch));
    plan->models.push_back(std::move(model));
  }
  Twins twins(plan);
  std::mt19937 random(13);
  const auto pick = [&random](const std::vector<std::string>& of) { return of[random() % of.size()]; };
  for (int trial = 0; trial < 20'000; ++trial) {
    const std::string number = pick({"1", "2.5", "\"7\"", "7", "null", "\"Oslo\"", "true"});
    const std::string city = pick({R"("Rome")", R"("Oslo")", R"("Bern")", R"("Paris")", R"("O\u0073lo")", "7", "null"});
    std::string features = "{\"a\":" + number + ",\"b\":" + pick({"3", "-4e-1"}) + ",\"city\":" + city;
    if (trial % 5 == 0) features += ",\"a\":" + pick({"8", "\"7\""});
    twins.Compare(R"({"id":"x","model":")" + pick({"m0", "m1"}) + R"(","version":")" + pick({"1", "2", "3"}) +
                  R"(","timestamp":1700000000,"features":)" + features + "}}");
    if (HasFailure()) return;
  }
  EXPECT_GT(twins.matched(), 19'900);
}

TEST(LearnedLayoutTest, BadRecordsGiveTheSameRecordsAlsoBetweenGoodOnes) {
  Twins twins(FlightsPlan());
  const auto lines = FlightsLines();
  std::size_t good = 0;
  for (int round = 0; round < 3; ++round) {
    for (const std::string& line : Lines(std::filesystem::path(TEST_DATA) / "bad/bad_records.jsonl")) {
      const auto message = nlohmann::json::parse(line);
      if (message["topic"] != "requests" || message["value_base64"].is_null()) continue;
      const std::string text = message["value_base64"];
      std::string bytes(text.size() / 4 * 3, '\0');
      const int size =
          EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                          reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
      bytes.resize(static_cast<std::size_t>(size) - static_cast<std::size_t>(std::ranges::count(text, '=')));
      twins.Compare(bytes);
      twins.Compare(lines[good++ % lines.size()]);
    }
  }
  EXPECT_GT(twins.matched(), 500);
}

}  // namespace
}  // namespace monitor::testing
