// Mappings of foreign JSON: a table of cases (tests/data/mapping/cases.json), by tree and by learned layout, and
// mutated messages, for which both must say the same.
#include "monitor/ingest/mapping/mapped_json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "baselines/base64.h"
#include "baselines/build/profile_builder.h"
#include "baselines/values/timestamp.h"
#include "monitor/ingest/label_decoder.h"
#include "monitor/ingest/timestamp.h"
#include "tests/monitor/daemon/config_files.h"
#include "tests/monitor/ingest/record_words.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;
const std::int64_t kMessageNs = *baselines::ParseTimestamp("2026-01-02T03:04:05.678Z");

// 400 rows with age, amount (numbers), plan, city (categories), prediction, score and label.
std::shared_ptr<const baselines::Profile> ShopProfile() {
  static const auto profile = [] {
    const auto file = tests::Temporary("shop.csv");
    std::ofstream csv(file);
    csv << "age,amount,plan,city,prediction,score,label\n";
    const char* const plans[] = {"basic", "pro", "free"};
    const char* const cities[] = {"Oslo", "Rome"};
    for (int i = 0; i < 400; ++i) {
      csv << 18 + i % 60 << "," << i % 37 + 0.5 << "," << plans[i % 3] << "," << cities[i % 2] << ","
          << (i % 4 == 0 ? "yes" : "no") << "," << (i % 10) / 10.0 << "," << (i % 5 == 0 ? "yes" : "no") << "\n";
    }
    csv.close();
    baselines::BuildOptions options;
    options.positive = "yes";
    options.numeric = {"age", "amount"};
    auto built = std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, options));
    std::filesystem::remove(file);
    return built;
  }();
  return profile;
}

// The plan of a topic `t` that is read as `fields` say.
std::shared_ptr<const TopicPlan> PlanOf(const json& fields, bool labels, TimeSource time) {
  const ConfigFolder folder;
  const json model = {{"name", "shop"},
                      {"baseline", "b.json"},
                      {"requests", {{"topic", labels ? "r" : "t"}, {"fields", labels ? json::object() : fields}}},
                      {"labels", {{"topic", labels ? "t" : "l"}, {"fields", labels ? fields : json::object()}}}};
  const Config config = folder.Read(json{{"kafka", {{"brokers", "b"}}}, {"models", {model}}}.dump());
  auto plan = std::make_shared<ModelPlan>();
  plan->name = "shop";
  plan->default_version = "1";
  plan->positive = "yes";
  plan->labels = true;
  plan->task = baselines::Task::kBinary;
  plan->skew_ns = kSecond;
  plan->time = plan->label_time = time;
  Epoch epoch;
  epoch.pane_ns = epoch.step_ns = epoch.window_ns = kDay;
  epoch.newest = std::make_shared<const Frame>(ShopProfile());
  plan->epochs.push_back(std::move(epoch));
  auto topic = std::make_shared<TopicPlan>();
  topic->topic = "t";
  topic->labels = labels;
  topic->fields = labels ? config.models[0].labels->fields : config.models[0].requests.fields;
  topic->mapping = labels ? config.models[0].labels->mapping : config.models[0].requests.mapping;
  topic->models.push_back(std::move(plan));
  return topic;
}

// A message with the bytes that it views.
struct Kept {
  explicit Kept(const json& given) {
    value = baselines::Base64Decode(given.value("prefix_base64", "")).value();
    value += given.contains("text") ? given["text"].get<std::string>() : given["message"].dump();
    key = given.contains("key_base64") ? baselines::Base64Decode(given["key_base64"].get<std::string>()).value()
                                       : given.value("key", "");
    for (const json& header : given.value("headers", json::array())) texts.emplace_back(header[0], header[1]);
    for (const auto& [name, text] : texts) headers.push_back({name, text});
  }
  Message Of(const std::string& bytes) const { return {bytes, 0, kMessageNs, key, headers}; }

  std::string value, key;
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<Header> headers;
};

json Shown(const DecodedRecord& record, bool timed) {
  if (record.skipped) return {{"skipped", true}};
  if (record.reject) return {{"reject", Text(*record.reject)}};
  json shown = {{"id", record.id}, {"features", json::object()}};
  const Frame& frame = *record.frame;
  for (std::size_t i = 0; i < frame.columns(); ++i) {
    const Cell& cell = record.row->cells[i];
    if (cell.state == CellState::kMissing) continue;
    const bool number = frame.column(i).kind() == detectors::FeatureKind::kNumeric;
    json value = cell.number;
    if (cell.state == CellState::kTypeFault) {
      value = "fault";
    } else if (!number) {
      const auto& dictionary = frame.column(i).summary.shape().dictionary;
      value =
          cell.category < dictionary.size() ? dictionary.name(cell.category) : "unseen: " + *record.row->UnseenName(i);
    }
    if (i < frame.features()) shown["features"][frame.column(i).name] = value;
    if (static_cast<int>(i) == frame.prediction()) shown["prediction"] = value;
    if (static_cast<int>(i) == frame.score()) shown["score"] = value;
  }
  if (record.version != "1") shown["version"] = record.version;
  if (!record.variant.empty()) shown["variant"] = record.variant;
  if (!record.outcome.segment.empty()) shown["segment"] = record.outcome.segment;
  if (record.row->extra > 0) shown["extra"] = record.row->extra;
  if (timed) shown["time"] = record.time_ns;
  return shown;
}

std::vector<json> Cases() {
  std::ifstream in(std::filesystem::path(TEST_DATA) / "mapping/cases.json");
  return json::parse(in);
}

bool IsTimed(const json& record) { return record.contains("time"); }

TEST(MappedJsonTest, EveryCaseGivesItsRecordsByTreeAndByLayout) {
  const auto cases = Cases();
  EXPECT_GE(cases.size(), 30u);
  for (const json& given : cases) {
    const std::string name = given["name"];
    json expected = given["records"];
    bool timed = false;
    for (json& record : expected) {
      timed = timed || IsTimed(record);
      if (!IsTimed(record)) continue;
      const std::string time = record["time"];
      record.erase("time");
      if (!record.contains("reject")) record["time"] = *baselines::ParseTimestamp(time);
    }
    const auto plan = PlanOf(given["fields"], false, timed ? TimeSource::kEvent : TimeSource::kArrival);
    ASSERT_NE(plan->mapping, nullptr) << name;
    const Kept kept(given);
    const std::string value = kept.value;
    const Message message = kept.Of(value);
    for (const auto layouts : {MappedJsonDecoder::Layouts::kNone, MappedJsonDecoder::Layouts::kLearned}) {
      MappedJsonDecoder decoder(plan, layouts);
      for (int pass = 0; pass < 3; ++pass) {
        json records = json::array();
        decoder.Start(message);
        while (const DecodedRecord* record = decoder.Next()) records.push_back(Shown(*record, timed));
        EXPECT_EQ(records, expected) << name << ", pass " << pass;
        const bool by_layout =
            layouts == MappedJsonDecoder::Layouts::kLearned && pass > 0 && given.value("fast", false);
        EXPECT_EQ(decoder.matched(), by_layout) << name << ", pass " << pass;
      }
    }
  }
}

std::string WordsOf(MappedJsonDecoder& decoder, const Message& message) {
  std::string words;
  decoder.Start(message);
  while (const DecodedRecord* record = decoder.Next()) words += Words(*record) + "\n";
  return words;
}

TEST(MappedJsonTest, MutatedMessagesGiveTheSameRecordsByTreeAndByLayout) {
  const std::string alphabet = "{}[]\",:\\ntrufalse0123456789.eE+-u \t\x01\xC3\xA9";
  const std::string pieces[] = {"null",
                                "true",
                                "-Infinity",
                                "\"\\ud83d\"",
                                "\"pro\"",
                                "1e5",
                                "-1",
                                "12345678.12345678",
                                "{}",
                                "[]",
                                "[1,2]",
                                "{\"age\":1}",
                                "\"\"",
                                "\"age\"",
                                "\"prediction\"",
                                "\"0\""};
  std::mt19937 random(21);
  int accepted = 0, matched = 0, skipped = 0;
  for (const json& given : Cases()) {
    const auto plan = PlanOf(given["fields"], false, TimeSource::kArrival);
    const Kept kept(given);
    MappedJsonDecoder tree(plan, MappedJsonDecoder::Layouts::kNone), learned(plan);
    for (int trial = 0; trial < 600; ++trial) {
      std::string text = kept.value;
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
          default: {
            const std::size_t begin = text.find_first_of(":[", at);
            if (begin == std::string::npos) break;
            const std::size_t end = text.find_first_of(",}]", begin);
            if (end != std::string::npos)
              text.replace(begin + 1, end - begin - 1, pieces[random() % std::size(pieces)]);
          }
        }
      }
      // A copy of exactly its size, so that a read beyond it is found by the sanitizers.
      const std::string exact(text.begin(), text.end());
      const std::string expected = WordsOf(tree, kept.Of(exact));
      ASSERT_EQ(WordsOf(learned, kept.Of(exact)), expected) << given["name"] << ": " << text;
      accepted += expected.find(" id ") != std::string::npos;
      skipped += expected.find(" skipped") != std::string::npos;
      matched += learned.matched();
    }
  }
  EXPECT_GT(accepted, 8'000);
  EXPECT_GT(matched, 5'000);
  EXPECT_GT(skipped, 300);
}

// Nesting as deep as a message can hold is no fault and no crash.
TEST(MappedJsonTest, DeepNestingIsOneFeatureThatIsNone) {
  const auto plan = PlanOf({{"features", {{"path", "f"}, {"flatten", true}}}}, false, TimeSource::kArrival);
  const std::string deep(500'000, '['), close(500'000, ']');
  const std::string text = R"({"id":"a","f":{"age":1,"x":)" + deep + close + "}}";
  MappedJsonDecoder decoder(plan);
  decoder.Start({text, 0, kMessageNs});
  const DecodedRecord* const record = decoder.Next();
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(Shown(*record, false), (json{{"id", "a"}, {"features", {{"age", 1}}}, {"extra", 1}}));
}

struct LabelCase {
  const char* name;
  json fields;
  json message;
  std::vector<std::pair<std::string, std::string>> labels;  // id, label; or "", reject
};

TEST(MappedLabelTest, EveryCaseGivesItsLabels) {
  const LabelCase cases[] = {
      {"paths",
       {{"id", "event.id"}, {"label", "outcome[0]"}, {"where", json::object()}},
       {{"event", {{"id", 5}}}, {"outcome", {"yes"}}},
       {{"5", "yes"}}},
      {"the row in a field", {{"row", "n"}}, {{"id", "a"}, {"n", 2}, {"label", "no"}}, {{"a#2", "no"}}},
      {"a list of labels",
       {{"label", "truth"}, {"id", "$key"}},
       {{"truth", {"yes", nullptr, "no"}}},
       {{"k#0", "yes"}, {"", "label"}, {"k#2", "no"}}},
      {"several labels in a message",
       {{"rows", "labels"}, {"label", "$row.y"}},
       {{"labels", {{{"id", "b"}, {"y", "no"}}, {{"id", "c"}, {"y", "yes"}}}}},
       {{"b", "no"}, {"c", "yes"}}},
      {"codes and sentinels",
       {{"values", {{"label", {{"1", "yes"}}}}}, {"missing_values", {-1}}, {"rows", "$"}},
       {{{"id", "d"}, {"label", 1}}, {{"id", "e"}, {"label", -1}}},
       {{"d", "yes"}, {"", "label"}}},
      {"left out",
       {{"where", {{"final", true}}}},
       {{"id", "f"}, {"label", "yes"}, {"final", false}},
       {{"", "skipped"}}},
      {"one row left out",
       {{"rows", "labels"}, {"label", "$row.y"}, {"where", {{"$row.final", true}}}},
       {{"labels", {{{"id", "h"}, {"y", "no"}, {"final", false}}, {{"id", "i"}, {"y", "yes"}, {"final", true}}}}},
       {{"", "skipped"}, {"i", "yes"}}},
      {"JSON inside a text",
       {{"decode", {{"body", "json"}}}, {"id", "body.id"}, {"label", "body.y"}},
       {{"body", R"({"id":"g","y":"no"})"}},
       {{"g", "no"}}},
      {"a shape that it has not", {{"rows", "labels"}}, {{"labels", 1}}, {{"", "shape"}}},
  };
  for (const LabelCase& given : cases) {
    const auto plan = PlanOf(given.fields, true, TimeSource::kArrival);
    ASSERT_NE(plan->mapping, nullptr) << given.name;
    LabelDecoder decoder(plan);
    const std::string text = given.message.dump();
    std::vector<std::pair<std::string, std::string>> labels;
    for (const DecodedLabel& label : decoder.Decode({text, 0, kMessageNs, "k"})) {
      labels.emplace_back(label.id, label.reject    ? std::string(Text(*label.reject))
                                    : label.skipped ? "skipped"
                                                    : label.text);
    }
    EXPECT_EQ(labels, given.labels) << given.name;
  }
}

TEST(PathTest, TextsThatAreNoPath) {
  for (const char* text :
       {"", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[0]b", "[0].", "$key", "$row.", "a\\"})
    EXPECT_FALSE(Path::Parse(text)) << text;
  for (const char* text : {"a", "a.b", "a[0]", "a[0][1].b", "[3]", "$row", "$row[0]", "$row.a", "a[$row].b", "a\\.b"})
    EXPECT_TRUE(Path::Parse(text)) << text;
}

TEST(TimeFormatTest, NumbersKeepTheirDigitsAndUnreadableTextIsNone) {
  EXPECT_EQ(TimeFormat::FromText("ns")->Parse("1767225598250000001"), 1767225598250000001);
  EXPECT_EQ(TimeFormat::FromText("s")->Parse("1767225598.5"), 1767225598500000000);
  EXPECT_EQ(TimeFormat::FromText("ms")->Parse("99999999999999999999"), std::nullopt);
  EXPECT_EQ(TimeFormat::FromText("s")->Parse("tomorrow"), std::nullopt);
  EXPECT_EQ(TimeFormat::FromText("%Y-%m-%d")->Parse("2026-01-02x"), std::nullopt);
  EXPECT_EQ(TimeFormat::FromText("%Y-%m-%d %f")->Parse("2026-01-02 "), std::nullopt);
  EXPECT_EQ(TimeFormat::FromText("%Y")->Parse("9999"), std::nullopt);
  EXPECT_FALSE(TimeFormat::FromText("seconds"));
}

}  // namespace
}  // namespace monitor::testing
