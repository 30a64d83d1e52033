// Formats by name: every record of tests/data/formats as its `expected` file has it, through the counters and the
// judge; pairs whose halves are split over shards, checkpoints and restarts; orphans.
#include <gtest/gtest.h>

#include <map>

#include "baselines/base64.h"
#include "monitor/ingest/formats/capture_decoder.h"
#include "monitor/ingest/formats/half_reader.h"
#include "monitor/ingest/mapping/mapping.h"
#include "monitor/ingest/record_line.h"
#include "tests/monitor/daemon/config_files.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

const std::filesystem::path kFormats = std::filesystem::path(TEST_DATA) / "formats";
constexpr std::int64_t kArrivalNs = 1'362'200'000 * kSecond;  // 2013-03-02T04:53:20Z, after every event of the files

json Codes() { return json::parse(Lines(kFormats / "category_codes.json").front()); }

// The flights model, reading `format`.
ModelConfig ConfigOf(const std::string& format) {
  const ConfigFolder folder;
  json values = Codes();
  values["label"] = {{"0", "ontime"}, {"1", "late"}};
  json requests = {{"topic", "calls"}, {"format", format}, {"fields", {{"values", values}}}};
  if (format == "seldon-v2") requests["responses"] = "answers";
  json labels = {{"max_delay", "14d"}};
  if (format == "sagemaker") {
    labels = {{"topic", "truth"},
              {"format", "sagemaker-ground-truth"},
              {"fields", {{"values", {{"label", values["label"]}}}}}};
  }
  const json model = {{"name", "flights"}, {"baseline", "b.json"},         {"version", "1"}, {"requests", requests},
                      {"labels", labels},  {"positive", "late"},           {"step", "1d"},   {"window", "7d"},
                      {"pane", "5m"},      {"classes", {"ontime", "late"}}};
  return folder.Read(json{{"kafka", {{"brokers", "b"}}}, {"models", {model}}}.dump()).models.at(0);
}

// A record of a file, with the bytes that its message views.
struct Kept {
  explicit Kept(const std::string& line) {
    const json record = json::parse(line);
    topic = record.value("topic", "");
    value = record["value"];
    if (record["encoding"] == "base64") value = baselines::Base64Decode(value).value();
    if (!record["key"].is_null()) key = record["key"];
    const json& given = record["headers"];
    if (given.is_object()) {
      for (const auto& [name, text] : given.items()) texts.emplace_back(name, text.get<std::string>());
    } else {
      for (const json& pair : given) texts.emplace_back(pair[0], pair[1]);
    }
    for (const auto& [name, text] : texts) headers.push_back({name, text});
  }
  Message At(std::int64_t offset) const { return {value, offset, kArrivalNs, key, headers}; }

  std::string topic, value, key;
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<Header> headers;
};

std::vector<Kept> Records(const std::string& file) {
  std::vector<Kept> records;
  for (const std::string& line : Lines(kFormats / file)) records.emplace_back(line);
  // The headers view texts, which have moved with their records.
  for (Kept& record : records) {
    record.headers.clear();
    for (const auto& [name, text] : record.texts) record.headers.push_back({name, text});
  }
  return records;
}

json Features(const DecodedRecord& record) {
  json features = json::object();
  const Frame& frame = *record.frame;
  for (std::size_t i = 0; i < frame.features(); ++i) {
    const Cell& cell = record.row->cells[i];
    json& value = features[frame.column(i).name];
    if (cell.state == CellState::kTypeFault) value = "fault";
    if (cell.state != CellState::kValue) continue;
    if (frame.column(i).kind() == detectors::FeatureKind::kNumeric) {
      value = cell.number;
    } else {
      const auto& dictionary = frame.column(i).summary.shape().dictionary;
      value = cell.category < dictionary.size() ? dictionary.name(cell.category) : *record.row->UnseenName(i);
    }
  }
  return features;
}

double Score(const DecodedRecord& record) {
  return record.row->cells[static_cast<std::size_t>(record.frame->score())].number;
}

// Compares what `next` gives with the rows that `expected` has for `id`.
template <class Next>
void ExpectRows(const json& expected, const std::string& id, const Next& next) {
  const std::size_t rows = expected["rows"];
  for (std::size_t row = 0; row < rows; ++row) {
    const DecodedRecord* const record = next();
    ASSERT_NE(record, nullptr) << id;
    ASSERT_FALSE(record->reject) << id << ": " << Text(*record->reject);
    EXPECT_EQ(record->id, rows == 1 ? id : id + "#" + std::to_string(row));
    if (!expected["features"].empty()) {
      EXPECT_EQ(Features(*record), expected["features"][row]) << id;
    }
    EXPECT_EQ(Score(*record), expected["scores"][row]) << id;
  }
  EXPECT_EQ(next(), nullptr) << id;
}

TEST(FormatsTest, EveryCaptureOfSageMaker) {
  const Pipeline pipeline(ConfigOf("sagemaker"));
  CaptureDecoder decoder(pipeline.plan->topics.at("calls"));
  const auto lines = Lines(kFormats / "sagemaker_capture.jsonl");
  const auto expected = Lines(kFormats / "sagemaker_expected.jsonl");
  ASSERT_EQ(lines.size(), 36u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const json wanted = json::parse(expected[i]);
    const Message message{lines[i], 0, kArrivalNs};
    decoder.Start(message);
    ExpectRows(wanted, wanted.value("inferenceId", wanted["eventId"].get<std::string>()),
               [&] { return decoder.Next(); });
  }
}

// By id: the expected rows of the shapes that come in halves.
std::map<std::string, json> Expected(const std::string& file, const std::string& key, const std::string& which,
                                     const std::string& is) {
  std::map<std::string, json> expected;
  for (const std::string& line : Lines(kFormats / file)) {
    const json wanted = json::parse(line);
    if (wanted[which] == is) expected[wanted[key]] = wanted;
  }
  return expected;
}

// Pairs the halves of a file in memory and compares every call.
void ExpectCalls(const std::string& format, const std::string& file, const std::map<std::string, json>& expected) {
  const Pipeline pipeline(ConfigOf(format));
  HalfReader reader(pipeline.plan->topics.at("calls"));
  std::map<std::string, CallHalf> waiting;
  std::size_t calls = 0, orphans = 0;
  std::map<std::string, std::string> labels;
  for (const Kept& record : Records(file)) {
    const HalfReader::Result result = reader.Read(record.At(0));
    ASSERT_FALSE(result.reject) << record.value;
    for (const auto& feedback : result.feedback) labels[feedback.id] = feedback.label;
    if (!result.half) continue;
    const auto [found, fresh] = waiting.try_emplace(result.half->id, *result.half);
    if (fresh) continue;
    const CallHalf& request = result.half->response ? found->second : *result.half;
    const CallHalf& response = result.half->response ? *result.half : found->second;
    const Call call{request.id, request.version, request.variant, request.time_ns, request.payload, response.payload};
    reader.calls().Start(call, result.model, std::nullopt);
    ExpectRows(expected.at(request.id), request.id, [&] { return reader.calls().Next(); });
    ++calls;
    waiting.erase(found);
  }
  for (const auto& [id, wanted] : expected) {
    orphans += wanted.contains("orphan");
    if (wanted.contains("label") && !wanted["label"].is_null() && wanted["rows"] == 1) {
      EXPECT_EQ(labels.at(id), wanted["label"] == "late" ? "1" : "0") << id;
    }
  }
  EXPECT_EQ(calls, expected.size() - orphans);
  EXPECT_EQ(waiting.size(), orphans);
}

TEST(FormatsTest, EveryCallOfKServe) {
  ExpectCalls("kserve", "kserve_binary.jsonl", Expected("kserve_expected.jsonl", "ce_id", "mode", "kafka-binary"));
  ExpectCalls("kserve", "kserve_structured.jsonl",
              Expected("kserve_expected.jsonl", "ce_id", "mode", "kafka-structured"));
}

TEST(FormatsTest, EveryCallOfSeldon1) {
  ExpectCalls("seldon-v1", "seldon_v1.jsonl", Expected("seldon_expected.jsonl", "requestid", "file", "v1_kafka.jsonl"));
}

TEST(FormatsTest, EveryCallOfSeldon2) {
  ExpectCalls("seldon-v2", "seldon_v2.jsonl", Expected("seldon_expected.jsonl", "key", "file", "v2_kafka.jsonl"));
}

// The whole way: shards, judge, checkpoints. After every message the judge is made anew from its last checkpoint and
// the shards go on where it says, as after a crash; half of the checkpoints are lost.
struct Totals {
  std::uint64_t counted, skipped, orphan_requests, orphan_responses, labels;
  bool operator==(const Totals&) const = default;
};

Totals Through(const std::string& format, const std::string& file, std::size_t partitions, bool crashes) {
  Pipeline pipeline(ConfigOf(format));
  const std::vector<Kept> records = Records(file);
  std::map<ShardId, std::vector<const Kept*>> logs;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const bool answers = records[i].topic.ends_with(".outputs");
    logs[{answers ? "answers" : "calls", static_cast<std::int32_t>(i % partitions)}].push_back(&records[i]);
  }
  for (std::size_t step = 0, left = records.size(); left > 0; ++step) {
    left = 0;
    for (const auto& [shard, log] : logs) {
      const auto counter = pipeline.Counter(shard);
      const auto next = static_cast<std::size_t>(counter->next_offset());
      left += log.size() - next;
      if (next == log.size()) continue;
      counter->Add(log[next]->At(counter->next_offset()));
      counter->EndBatch();
      pipeline.judge->Apply(counter->Take());
    }
    if (!crashes || step % 2 == 1) pipeline.judge->Checkpoint();
    if (crashes && step % 2 == 0) {
      pipeline.judge->Checkpoint();
      for (const auto& [shard, log] : logs) {  // read, applied, and lost in the crash
        const auto counter = pipeline.Counter(shard);
        const auto next = static_cast<std::size_t>(counter->next_offset());
        if (next == log.size()) continue;
        counter->Add(log[next]->At(counter->next_offset()));
        counter->EndBatch();
        pipeline.judge->Apply(counter->Take());
      }
      pipeline.Start();
    }
  }
  pipeline.judge->FinishInput();
  pipeline.judge->Checkpoint();
  const ModelSnapshot model = pipeline.Model("flights");
  const auto of = [&](Reject reason) { return model.counters.rejects[static_cast<std::size_t>(reason)]; };
  EXPECT_EQ(model.counters.rejected(), of(Reject::kOrphanRequest) + of(Reject::kOrphanResponse));
  EXPECT_EQ(model.counters.late, 0u);
  return {model.counters.counted, model.counters.skipped, of(Reject::kOrphanRequest), of(Reject::kOrphanResponse),
          model.labels ? model.labels->joined : 0};
}

TEST(FormatsTest, PairsAreCountedOnceThroughShardsAndCrashes) {
  for (const std::size_t partitions : {1, 3}) {
    for (const bool crashes : {false, true}) {
      EXPECT_EQ(Through("kserve", "kserve_binary.jsonl", partitions, crashes), (Totals{20, 0, 1, 1, 0}));
      EXPECT_EQ(Through("kserve", "kserve_structured.jsonl", partitions, crashes), (Totals{20, 0, 1, 1, 0}));
      EXPECT_EQ(Through("seldon-v2", "seldon_v2.jsonl", partitions, crashes), (Totals{16, 0, 0, 0, 0}));
    }
  }
}

TEST(FormatsTest, HalvesThatComeAgainAreSkippedAndOldOnesAreGivenUp) {
  Pipeline pipeline(ConfigOf("kserve"));
  const ShardId shard{"calls", 0};
  const auto counter = pipeline.Counter(shard);
  std::int64_t offset = 0;
  const auto add = [&](const std::string& type, const std::string& id, const std::string& time,
                       const std::string& body) {
    const Header headers[] = {{"ce_type", type}, {"ce_id", id}, {"ce_time", time}};
    counter->Add({body, offset++, std::nullopt, "", headers});
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
  };
  const std::string request = "org.kubeflow.serving.inference.request",
                    response = "org.kubeflow.serving.inference.response";
  add(request, "a", "2013-03-01T10:00:00Z", R"({"instances":[{"hour":5}]})");
  add(request, "a", "2013-03-01T10:00:00Z", R"({"instances":[{"hour":5}]})");
  add(response, "a", "2013-03-01T10:00:01Z", R"({"predictions":[0.5]})");
  add(response, "a", "2013-03-01T10:00:01Z", R"({"predictions":[0.5]})");
  add(request, "b", "2013-03-01T10:00:02Z", R"({"instances":[{"hour":5}]})");
  add("some.other.event", "c", "2013-03-01T10:00:02Z", "{}");
  add(request, "d", "2013-03-01T10:00:03Z", R"({"instances":[)");
  // The watermark passes b by allowed_lateness (10 min) twice: once as lateness, once as patience.
  add(response, "e", "2013-03-01T10:20:03Z", R"({"predictions":[0.5]})");
  pipeline.judge->Checkpoint();
  const ModelCounters counters = pipeline.Model("flights").counters;
  EXPECT_EQ(counters.counted + counters.late, 1u);
  EXPECT_EQ(counters.skipped, 3u);
  EXPECT_EQ(counters.rejects[static_cast<std::size_t>(Reject::kJson)], 1u);
  EXPECT_EQ(counters.rejects[static_cast<std::size_t>(Reject::kOrphanRequest)], 1u);
  EXPECT_EQ(counters.rejects[static_cast<std::size_t>(Reject::kOrphanResponse)], 0u);
}

TEST(RecordLineTest, WholeRecordsAndValuesAlone) {
  RecordLine lines;
  const auto words = [](const Message& message) {
    std::string text = std::string(message.key) + "|" + std::string(message.value) + "|" +
                       std::to_string(message.timestamp_ns.value_or(0) / 1'000'000);
    for (const Header& header : message.headers) text.append("|").append(header.name).append("=").append(header.value);
    return text;
  };
  EXPECT_EQ(words(lines.Read(R"({"topic":"t","partition":0,"offset":7,"tstype":"create","ts":1362200000000,)"
                             R"("headers":["a","1","b","2"],"key":"k","payload":"{\"x\":1}"})",
                             0)),
            R"(k|{"x":1}|1362200000000|a=1|b=2)");
  EXPECT_EQ(
      words(lines.Read(R"({"key":null,"headers":{"a":"1"},"value":"AAE=","encoding":"base64","timestamp":5})", 0)),
      std::string("|\0\1|5|a=1", 9));
  EXPECT_EQ(words(lines.Read(R"({"id":"a","value":1})", 0)), R"(|{"id":"a","value":1}|0)");
  EXPECT_EQ(words(lines.Read("no JSON", 0)), "|no JSON|0");
}

}  // namespace
}  // namespace monitor::testing
