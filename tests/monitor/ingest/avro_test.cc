// Avro: values that fastavro wrote (tests/data/avro), random values against libavro, and records read by learned
// layouts against the same read as text, on mutated messages too.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "baselines/base64.h"
#include "baselines/build/profile_builder.h"
#include "monitor/ingest/avro/avro_text.h"
#include "monitor/ingest/mapping/mapped_json.h"
#include "monitor/ingest/shard_counter.h"
#include "tests/monitor/ingest/libavro_reader.h"
#include "tests/monitor/ingest/record_words.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

// A record of a shop, in as many shapes as mappings have, and a type within itself.
const std::string kSchema = R"({"type":"record","name":"Shop","namespace":"a","fields":[
  {"name":"id","type":"string"},
  {"name":"at","type":"long"},
  {"name":"features","type":{"type":"record","name":"F","fields":[
    {"name":"age","type":["null","int"]},{"name":"amount","type":"double"},
    {"name":"plan","type":{"type":"enum","name":"Plan","symbols":["basic","pro","free"]}},
    {"name":"city","type":["null","string"]}]}},
  {"name":"list","type":{"type":"array","items":["null","double","string"]}},
  {"name":"map","type":{"type":"map","values":"float"}},
  {"name":"pairs","type":{"type":"array","items":{"type":"record","name":"P","fields":[
    {"name":"k","type":"string"},{"name":"v","type":["null","boolean","long","F"]}]}}},
  {"name":"tree","type":["null",{"type":"record","name":"T","fields":[{"name":"v","type":"int"},{"name":"t","type":["null","T"]}]}]},
  {"name":"body","type":"string"},
  {"name":"prediction","type":"string"},
  {"name":"score","type":["null","double"]}]})";

void PutLong(std::string& out, std::int64_t value) {
  auto bits = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  for (; bits >= 0x80; bits >>= 7) out += static_cast<char>(bits | 0x80);
  out += static_cast<char>(bits);
}
void PutText(std::string& out, const std::string& text) {
  PutLong(out, static_cast<std::int64_t>(text.size()));
  out += text;
}
template <class Float>
void PutFloat(std::string& out, Float number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// Writes random values of kSchema: of a few shapes again and again, as producers do, or of any.
class RandomMessage {
 public:
  explicit RandomMessage(unsigned seed) : random_(seed) {}

  std::string Make(bool any_shape) {
    out_.clear();
    const std::uint64_t shape = any_shape ? random_() : 2;
    Text("id-" + std::to_string(random_() % 1000));
    Long(1'767'322'000'000 + static_cast<std::int64_t>(random_() % 1000));
    Features();
    List(
        2,
        [this](std::uint64_t) {
          Long(1);
          Double();
        },
        any_shape);
    List(
        2,
        [this](std::uint64_t i) {
          Text(i == 0 ? "age" : "amount");
          PutFloat(out_, static_cast<float>(random_() % 100) / 8);
        },
        false);
    List(
        1 + shape % 2,
        [this](std::uint64_t i) {
          Text(i == 0 ? "age" : "city");
          Long(2);
          Long(static_cast<std::int64_t>(random_() % 90));
        },
        any_shape);
    for (std::uint64_t level = shape % 4; level > 0; --level) Long(1), Long(static_cast<std::int64_t>(level));
    Long(0);
    const char* const bodies[] = {R"({"age":31,"plan":"pro"})", R"({"age":null,"plan":"quote \" in"})", "no json",
                                  "[1,2]", "7"};
    Text(any_shape ? bodies[random_() % std::size(bodies)] : bodies[random_() % 2]);
    Text(random_() % 2 == 0 ? "yes" : "no");
    Long(1);
    Double();
    return out_;
  }

 private:
  void Long(std::int64_t value) { PutLong(out_, value); }
  void Text(const std::string& text) { PutText(out_, text); }
  void Double() {
    double number = static_cast<double>(random_() % 1000) / 1000;
    if (random_() % 50 == 0) number = std::numeric_limits<double>::quiet_NaN();
    PutFloat(out_, number);
  }
  void Features() {
    const bool missing = random_() % 4 == 0;
    Long(missing ? 0 : 1);
    if (!missing) Long(static_cast<std::int64_t>(random_() % 90));
    Double();
    Long(static_cast<std::int64_t>(random_() % 3));
    const char* const cities[] = {"Oslo", "Rome", "Zürich", ""};
    Long(1);
    Text(cities[random_() % 4]);
  }
  // In one block, or in several with their sizes left as 1: whoever reads everything does not look at them.
  void List(std::uint64_t items, const std::function<void(std::uint64_t)>& item, bool in_blocks) {
    if (in_blocks && random_() % 2 == 0) {
      for (std::uint64_t i = 0; i < items; ++i) {
        Long(-1);
        Long(1);
        item(i);
      }
    } else if (items > 0) {
      Long(static_cast<std::int64_t>(items));
      for (std::uint64_t i = 0; i < items; ++i) item(i);
    }
    Long(0);
  }

  std::mt19937 random_;
  std::string out_;
};

std::string Mutated(std::string bytes, std::mt19937& random) {
  for (int edits = 1 + static_cast<int>(random() % 2); edits > 0 && !bytes.empty(); --edits) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 2:
        bytes.insert(at, 1, static_cast<char>(random()));
        break;
      case 3:
        bytes.erase(at, 1);
        break;
      default:
        bytes.resize(at);
    }
  }
  return bytes;
}

TEST(AvroTest, WhatFastavroWroteIsReadAsItsValues) {
  std::ifstream in(std::filesystem::path(TEST_DATA) / "avro/values.json");
  const json cases = json::parse(in);
  ASSERT_GT(cases.size(), 100u);
  AvroText text;
  for (const json& given : cases) {
    const AvroSchema schema = AvroSchema::Parse(given["schema"].dump());
    const std::string message = *baselines::Base64Decode(given["message"].get<std::string>());
    ASSERT_TRUE(text.Write(schema, message)) << given["name"];
    // A decimal is compared as it is written, since JSON's numbers would lose digits.
    if (given["exact"]) {
      EXPECT_EQ(text.text(), "{\"x\":" + given["expected"]["x"].get<std::string>() + "}") << given["name"];
    } else {
      EXPECT_EQ(json::parse(text.text()), given["expected"]) << given["name"];
    }
    for (std::size_t size = 0; size < message.size(); ++size)
      EXPECT_FALSE(text.Write(schema, std::string(message, 0, size))) << given["name"] << " cut to " << size;
    EXPECT_FALSE(text.Write(schema, message + '\0')) << given["name"];
  }
}

TEST(AvroTest, RandomAndMutatedMessagesAreReadAsLibavroReadsThem) {
  const AvroSchema schema = AvroSchema::Parse(kSchema);
  LibavroReader peer(kSchema);
  AvroText text;
  RandomMessage make(5);
  std::mt19937 random(6);
  int read = 0, refused = 0;
  for (int trial = 0; trial < 10'000; ++trial) {
    std::string bytes = make.Make(true);
    if (trial % 4 != 0) bytes = Mutated(std::move(bytes), random);
    const std::string exact(bytes.begin(), bytes.end());  // so that sanitizers find a read beyond it
    const bool ours = text.Write(schema, exact);
    const std::optional<json> theirs = peer.Read(exact);
    // libavro is laxer: it takes any byte for a boolean and whatever ten bytes hold for a number.
    refused += !ours;
    if (!ours) continue;
    std::string shown = text.text();
    for (const std::string word : {"-Infinity", "Infinity", "NaN"}) {
      for (std::size_t at = 0; (at = shown.find(':' + word, at)) != std::string::npos; at += 12)
        shown.replace(at + 1, word.size(), "\"no number\"");
      for (std::size_t at = 0;
           (at = shown.find(word, at)) != std::string::npos && (shown[at - 1] == '[' || shown[at - 1] == ','); at += 11)
        shown.replace(at, word.size(), "\"no number\"");
    }
    const json mine = json::parse(shown, nullptr, false);
    // A text that is no UTF-8 is told by whoever reads it; libavro's keys of maps end at a zero.
    if (mine.is_discarded() || shown.find("\\u0000") != std::string::npos) continue;
    ASSERT_TRUE(theirs) << trial << ": " << avro_strerror() << "\n" << shown;
    ASSERT_EQ(mine, *theirs) << trial;
    ++read;
  }
  EXPECT_GT(read, 3'500);
  EXPECT_GT(refused, 2'500);
}

// 400 rows with age, amount (numbers), plan, city (categories), prediction, score and label.
std::shared_ptr<const Frame> ShopFrame() {
  static const auto frame = [] {
    const auto file = tests::Temporary("avro.csv");
    std::ofstream csv(file);
    csv << "age,amount,plan,city,prediction,score,label\n";
    for (int i = 0; i < 400; ++i) {
      csv << 18 + i % 60 << "," << i % 37 + 0.5 << "," << (i % 3 == 0 ? "basic" : "pro") << ","
          << (i % 2 == 0 ? "Oslo" : "Rome") << "," << (i % 4 == 0 ? "yes" : "no") << "," << (i % 10) / 10.0 << ","
          << (i % 5 == 0 ? "yes" : "no") << "\n";
    }
    csv.close();
    baselines::BuildOptions options;
    options.positive = "yes";
    options.numeric = {"age", "amount"};
    auto built = std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, options));
    std::filesystem::remove(file);
    return std::make_shared<const Frame>(built);
  }();
  return frame;
}

std::shared_ptr<TopicPlan> ShopPlan(Mapping mapping) {
  auto model = std::make_shared<ModelPlan>();
  model->name = "shop";
  model->default_version = "1";
  model->positive = "yes";
  model->labels = true;
  model->task = baselines::Task::kBinary;
  Epoch epoch;
  epoch.pane_ns = epoch.step_ns = epoch.window_ns = 86'400'000'000'000;
  epoch.newest = ShopFrame();
  model->epochs.push_back(std::move(epoch));
  auto topic = std::make_shared<TopicPlan>();
  topic->topic = "t";
  topic->format = Format::kAvro;
  topic->mapping = std::make_shared<const Mapping>(std::move(mapping));
  topic->models.push_back(std::move(model));
  return topic;
}

Mapping Fields() {
  static constexpr std::string_view kNames[] = {"id",        "model",    "version",    "variant", "segment",
                                                "timestamp", "features", "prediction", "score",   "probabilities"};
  return Mapping::OfPaths(kNames, {{"timestamp", "at"}});
}

std::shared_ptr<const WriterSchema> Schema(const std::string& text) {
  WriterSchema schema;
  schema.avro = std::make_shared<const AvroSchema>(AvroSchema::Parse(text));
  return std::make_shared<const WriterSchema>(std::move(schema));
}

std::vector<Mapping> Mappings() {
  using Shape = FeatureSource::Shape;
  const auto path = [](const char* text) { return *Path::Parse(text); };
  std::vector<Mapping> mappings(8, Fields());
  mappings[1].features = {{Shape::kOrder, path("list"), {"amount", "city"}, {}, {}, {}}};
  mappings[2].features = {{Shape::kObject, path("map"), {}, {}, {}, {}}};
  mappings[3].features = {{Shape::kPairs, path("pairs"), {}, path("k"), path("v"), {}}};
  mappings[4].features = {{Shape::kFlatten, path("tree"), {}, {}, {}, {}}};
  mappings[4].rename = {{"t.v", "age"}, {"v", "amount"}};
  mappings[5].features = {{Shape::kObject, path("body"), {}, {}, {}, {}}};
  mappings[5].decode = {path("body")};
  mappings[6].where = {{{FieldSource::Kind::kPath, path("map.age"), {}}, {"1.5", "2", "3"}, false, true}};
  mappings[6].rules["age"].missing = {"7", "8"};
  mappings[6].rules["plan"].values = {{"basic", "pro"}};
  // Which of two values of one feature counts is the mapping's business, so these are never read by layouts.
  mappings[7].features = {{Shape::kObject, path("body"), {}, {}, {}, {}},
                          {Shape::kObject, path("features"), {}, {}, {}, {}}};
  mappings[7].decode = {path("body")};
  return mappings;
}

TEST(AvroTest, LayoutsGiveTheSameRecordsAsTheTextOnMutatedMessagesToo) {
  auto schemas = std::make_shared<LocalSchemas>();
  schemas->bare = Schema(kSchema);
  std::mt19937 random(7);
  const std::vector<Mapping> mappings = Mappings();
  for (const Mapping& mapping : mappings) {
    const auto number = &mapping - mappings.data();
    const auto plan = ShopPlan(mapping);
    plan->schemas = schemas;
    MappedJsonDecoder plain(plan, MappedJsonDecoder::Layouts::kNone), learned(plan);
    const auto words = [](MappedJsonDecoder& decoder, const std::string& bytes) {
      std::string all;
      decoder.Start({bytes, 0, 1'767'400'000'000'000'000});
      while (const DecodedRecord* record = decoder.Next()) all += Words(*record) + "\n";
      return all;
    };
    RandomMessage make(8);
    int matched = 0, regular = 0, accepted = 0;
    for (int trial = 0; trial < 2'000; ++trial) {
      const bool as_usual = trial % 2 == 0;
      std::string bytes = make.Make(!as_usual && trial % 4 == 1);
      if (!as_usual && trial % 4 == 3) bytes = Mutated(std::move(bytes), random);
      const std::string exact(bytes.begin(), bytes.end());
      const std::string expected = words(plain, exact);
      ASSERT_EQ(words(learned, exact), expected) << "mapping " << number << ", trial " << trial;
      accepted += expected.find(" id ") != std::string::npos;
      if (as_usual && trial > 500) ++regular, matched += learned.matched();
    }
    EXPECT_GT(accepted, 1'150) << number;
    if (number == 7) {
      EXPECT_EQ(matched, 0);
    } else {
      EXPECT_GT(matched, regular * 95 / 100) << number;
    }
  }
}

TEST(AvroTest, HostileBytesNeitherCrashNorGrow) {
  AvroText text;
  const AvroSchema nulls = AvroSchema::Parse(R"({"type":"array","items":"null"})");
  // 2^62 items of no bytes each.
  EXPECT_FALSE(text.Write(nulls, std::string("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x00", 10)));
  EXPECT_LT(text.text().size(), AvroText::kMostText + 100);
  // A list of itself, a million levels deep.
  const AvroSchema deep =
      AvroSchema::Parse(R"({"type":"record","name":"L","fields":[{"name":"l","type":{"type":"array","items":"L"}}]})");
  EXPECT_FALSE(text.Write(deep, std::string(1'000'000, '\x02')));
  // A record that is always within itself takes no bytes at all.
  const AvroSchema endless = AvroSchema::Parse(R"({"type":"record","name":"E","fields":[{"name":"e","type":"E"}]})");
  EXPECT_FALSE(text.Write(endless, ""));
  const AvroSchema bytes = AvroSchema::Parse(R"("bytes")");
  for (const std::string length :
       {"\x01", "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"})
    EXPECT_FALSE(text.Write(bytes, length + "abc"));
}

TEST(AvroTest, SchemasThatAreNoneSayWhatIsWrong) {
  const std::pair<const char*, const char*> kFaults[] = {
      {"{", "no JSON"},
      {"\"strin\"", "type `strin` is not defined before it is used"},
      {"[]", "a union has no branches"},
      {R"({"type":"record","name":"R"})", "record `R` has no fields"},
      {R"({"type":"record","fields":[]})", "a record has no name"},
      {R"({"type":"record","name":"R","fields":[{"name":"a"}]})", "a field of record `R` has no name or no type"},
      {R"({"type":"array"})", "an array has no `items`"},
      {R"({"type":"enum","name":"E","symbols":[]})", "enum `E` has no symbols"},
      {R"([{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":2}])", "type `F` is defined twice"},
      {"7", "`7` is no type"}};
  for (const auto& [schema, why] : kFaults) {
    try {
      AvroSchema::Parse(schema);
      ADD_FAILURE() << schema << " was taken";
    } catch (const AvroSchemaError& fault) {
      EXPECT_NE(std::string(fault.what()).find(why), std::string::npos) << schema << ": " << fault.what();
    }
  }
  std::string deep = "\"int\"";
  for (int i = 0; i < 100'000; ++i) deep = "[" + deep;
  EXPECT_THROW(AvroSchema::Parse(deep), AvroSchemaError);
}

// A registry whose answers the test gives.
class GivenSchemas : public SchemaSource {
 public:
  std::shared_ptr<const WriterSchema> Find(std::uint32_t id) override {
    const auto found = known.find(id);
    return found == known.end() ? nullptr : found->second;
  }
  std::map<std::uint32_t, std::shared_ptr<const WriterSchema>> known;
};

TEST(AvroTest, EachSchemaIdHasItsOwnRecordsAndUnknownOnesWait) {
  const auto plan = ShopPlan(Fields());
  const auto registry = std::make_shared<GivenSchemas>();
  plan->registry = registry;
  ShardCounter counter({"t", 0}, plan, {});
  const auto prefixed = [](char id, const std::string& body) { return std::string("\0\0\0\0", 4) + id + body; };
  // Version 2 of the schema has `amount` before `age`, and no list.
  const std::string v2 =
      R"({"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"at","type":"long"},
    {"name":"features","type":{"type":"record","name":"F","fields":[{"name":"amount","type":"double"},{"name":"age","type":"int"}]}}]})";
  RandomMessage make(9);
  const std::string first = prefixed(1, make.Make(false));
  std::string body;
  PutText(body, "a");
  PutLong(body, 1'767'322'000'000);
  PutFloat(body, 1.5);
  PutLong(body, 41);
  const std::string second = prefixed(2, body);
  EXPECT_FALSE(counter.Ready({first, 0}));
  EXPECT_FALSE(counter.schema_arrived());
  registry->known[1] = Schema(kSchema);
  EXPECT_TRUE(counter.schema_arrived());
  ASSERT_TRUE(counter.Ready({first, 0}));
  EXPECT_EQ(counter.Add({first, 0}), std::nullopt);
  EXPECT_FALSE(counter.Ready({second, 1}));
  registry->known[2] = Schema(v2);
  ASSERT_TRUE(counter.Ready({second, 1}));
  EXPECT_EQ(counter.Add({second, 1}), std::nullopt);

  registry->known[3] = std::make_shared<const WriterSchema>(WriterSchema{nullptr, "Protobuf is not supported"});
  const std::string third = prefixed(3, "abc"), cut = second.substr(0, second.size() - 1), text = "no JSON";
  ASSERT_TRUE(counter.Ready({third, 2}));
  EXPECT_EQ(counter.Add({third, 2}), Reject::kSchema);
  EXPECT_EQ(counter.Add({cut, 3}), Reject::kAvro);
  EXPECT_EQ(counter.Add({text, 4}), Reject::kJson);
  counter.EndBatch();
  const ShardDelta delta = counter.Take();
  std::uint64_t counted = 0;
  for (const auto& [key, pane] : delta.panes) counted += pane.records;
  EXPECT_EQ(counted, 2u);
  ASSERT_EQ(delta.samples.size(), 3u);
  EXPECT_EQ(delta.samples[0].hint, "schema id 3: Protobuf is not supported");
  EXPECT_EQ(delta.samples[1].hint, "the bytes are not of schema id 2");
  EXPECT_EQ(delta.samples[2].hint, "");
}

}  // namespace
}  // namespace monitor::testing
