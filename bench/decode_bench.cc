// What a counter spends on one record, decoding and counting, without a broker: decode_bench [RECORDS] [REPEATS] [KIND]
//
// The records are those of ingest.py, in memory and cold. KIND: flat (the project's own JSON, the default), python
// (numbers of 17 digits), wide (80 numbers and 20 categories), odd (one in ten is changed, odd_record.h), versions
// (two, in turn, each with a baseline), nested (other names, a level deeper, mapped), list (features as a list,
// mapped), text (JSON inside a text, mapped), sagemaker (data capture, CSV), avro (the flat record, features as unions
// with null), avro-list (features as an array, mapped). Prints the nanoseconds of processor time per record, of every
// repeat and their median.
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "baselines/build/profile_builder.h"
#include "figure.h"
#include "monitor/ingest/mapping/mapping.h"
#include "monitor/ingest/shard_counter.h"
#include "odd_record.h"
#include "record_writer.h"

namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::size_t kBatch = 1000;

bench::Shape ShapeOf(const std::string& kind) {
  if (kind == "wide") return {80, 20};
  return {.long_numbers = kind == "python"};
}

const std::string kTime = "\"timestamp\":";
const std::string kVersion = "\"version\":\"1\"", kOtherVersion = "\"version\":\"2\"";

// The text between two texts.
std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

// The values of the features alone, with commas between them.
std::string Values(const std::string& features) {
  std::string values;
  for (std::size_t at = 0; at < features.size();) {
    const std::size_t colon = features.find(':', at);
    const std::size_t end = std::min(features.find(',', colon), features.size());
    values += (at == 0 ? "" : ",") + features.substr(colon + 1, end - colon - 1);
    at = end + 1;
  }
  return values;
}

// A flat record as somebody else writes it.
std::string Foreign(const std::string& record, const std::string& kind) {
  const std::string id = Between(record, "\"id\":\"", "\""), time = Between(record, kTime, ",");
  const std::string features = Between(record, "\"features\":{", "}"), score = Between(record, "\"score\":", "}");
  const std::string predicted = Between(record, "\"prediction\":", ",");
  const std::string head = "{\"meta\":{\"uid\":\"" + id + "\",\"m\":\"m0\",\"v\":\"1\",\"at\":" + time + "},\"in\":";
  const std::string tail = ",\"out\":{\"label\":" + predicted + ",\"p\":" + score + "}}";
  if (kind == "nested") return head + "{" + features + "}" + tail;
  if (kind == "list") return head + "[" + Values(features) + "]" + tail;
  if (kind == "text") {
    std::string inner = head + "{" + features + "}" + tail;
    for (std::size_t at = 0; (at = inner.find('"', at)) != std::string::npos; at += 2) inner.insert(at, 1, '\\');
    return "{\"body\":\"" + inner + "\"}";
  }
  std::string csv = Values(features);
  std::erase(csv, '"');
  for (std::size_t at = 0; (at = csv.find("null")) != std::string::npos;) csv.erase(at, 4);
  return R"({"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT","data":")" + csv +
         R"(\n","encoding":"CSV"},"endpointOutput":{"observedContentType":"text/csv; charset=utf-8","mode":"OUTPUT","data":")" +
         score + R"(","encoding":"CSV"}},"eventMetadata":{"eventId":")" + id + R"(","inferenceTime":)" + time +
         R"(},"eventVersion":"0"})";
}

const std::string kFeatureText = "\"features\":{";

void PutLong(std::int64_t value, std::string& out) {
  auto bits = static_cast<std::uint64_t>(value) << 1;
  for (; bits >= 0x80; bits >>= 7) out += static_cast<char>(bits | 0x80);
  out += static_cast<char>(bits);
}

void PutText(const std::string& text, std::string& out) {
  PutLong(static_cast<std::int64_t>(text.size()), out);
  out += text;
}

// The schema of what AsAvro makes of the flat record.
std::string AvroSchemaOf(const std::string& record, bool list) {
  const std::string features = Between(record, kFeatureText, "}");
  std::string schema =
      R"({"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"model","type":"string"},)";
  schema += R"({"name":"version","type":"string"},{"name":"timestamp","type":"string"},{"name":"features","type":)";
  if (list) {
    schema += R"({"type":"array","items":["null","double","string"]})";
  } else {
    schema += R"({"type":"record","name":"F","fields":[)";
    for (std::size_t at = 0; at < features.size();) {
      const std::size_t colon = features.find(':', at), end = std::min(features.find(',', colon), features.size());
      schema += (at == 0 ? "" : ",") + ("{\"name\":" + features.substr(at, colon - at)) +
                R"(,"type":["null","double","string"]})";
      at = end + 1;
    }
    schema += "]}";
  }
  return schema + R"(},{"name":"prediction","type":"string"},{"name":"score","type":"double"}]})";
}

std::string AsAvro(const std::string& record, bool list) {
  const auto put_double = [](const std::string& digits, std::string& to) {
    const double number = std::stod(digits);
    to.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  std::string out, values = Values(Between(record, kFeatureText, "}")) + ",", features;
  std::int64_t items = 0;
  for (std::size_t at = 0, end = 0; (end = values.find(',', at)) != std::string::npos; at = end + 1, ++items) {
    const std::string value = values.substr(at, end - at);
    PutLong(value == "null" ? 0 : value.front() == '"' ? 2 : 1, features);
    if (value.front() == '"') {
      PutText(value.substr(1, value.size() - 2), features);
    } else if (value != "null") {
      put_double(value, features);
    }
  }
  for (const std::string name : {"id", "model", "version", "timestamp"})
    PutText(Between(record, "\"" + name + "\":\"", "\""), out);
  if (list) PutLong(items, out);
  out += features;
  if (list) PutLong(0, out);
  PutText(Between(record, "\"prediction\":\"", "\""), out);
  put_double(Between(record, "\"score\":", "}"), out);
  return out;
}

std::shared_ptr<const monitor::Mapping> MappingOf(const std::string& kind) {
  auto mapping = std::make_shared<monitor::Mapping>();
  const auto path = [&kind](const std::string& text) {
    return *monitor::Path::Parse((kind == "text" ? "body." : "") + text);
  };
  mapping->fields.resize(monitor::kRecordFieldNames.size());
  const auto set = [&](monitor::RecordField field, const std::string& text) {
    mapping->fields[field] = monitor::FieldSource{monitor::FieldSource::Kind::kPath, path(text), {}};
  };
  set(monitor::kRecordId, "meta.uid");
  set(monitor::kRecordModel, "meta.m");
  set(monitor::kRecordVersion, "meta.v");
  set(monitor::kRecordTimestamp, "meta.at");
  set(monitor::kRecordPrediction, "out.label");
  set(monitor::kRecordScore, "out.p");
  mapping->features.emplace_back().path = path("in");
  if (kind == "list") mapping->features.back().shape = monitor::FeatureSource::Shape::kOrder;
  if (kind == "text") mapping->decode.push_back(*monitor::Path::Parse("body"));
  return mapping;
}

std::shared_ptr<const monitor::TopicPlan> Plan(const std::string& kind) {
  const auto file = std::filesystem::temp_directory_path() / ("decode_bench-" + std::to_string(getpid()) + ".csv");
  {
    std::ofstream csv(file);
    bench::WriteTraining(100'000, ShapeOf(kind), csv);
  }
  baselines::BuildOptions options;
  options.prediction = "prediction";
  options.score = "score";
  options.positive = "yes";
  const auto profile = std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, options));
  std::filesystem::remove(file);

  auto model = std::make_shared<monitor::ModelPlan>();
  model->name = "m0";
  model->default_version = "1";
  model->positive = "yes";
  model->lateness_ns = kHourNs;
  model->skew_ns = kHourNs;
  monitor::Epoch epoch;
  epoch.pane_ns = epoch.step_ns = epoch.window_ns = 6 * kHourNs;
  epoch.newest = std::make_shared<const monitor::Frame>(profile);
  if (kind == "versions") epoch.by_version["2"] = std::make_shared<const monitor::Frame>(profile);
  model->epochs.push_back(std::move(epoch));
  auto plan = std::make_shared<monitor::TopicPlan>();
  plan->topic = "bench";
  if (kind == "nested" || kind == "list" || kind == "text") plan->mapping = MappingOf(kind);
  if (kind == "avro" || kind == "avro-list") {
    plan->format = monitor::Format::kAvro;
    auto mapping = std::make_shared<monitor::Mapping>(monitor::Mapping::OfPaths(monitor::kRecordFieldNames, {}));
    if (kind == "avro-list") mapping->features.back().shape = monitor::FeatureSource::Shape::kOrder;
    plan->mapping = mapping;
    monitor::WriterSchema schema;
    const std::string record = bench::RecordWriter({}, 1, 2).Make(0, 0, 1'793'491'200'000, true);
    schema.avro = std::make_shared<const monitor::AvroSchema>(
        monitor::AvroSchema::Parse(AvroSchemaOf(record, kind == "avro-list")));
    auto schemas = std::make_shared<monitor::LocalSchemas>();
    schemas->bare = std::make_shared<const monitor::WriterSchema>(std::move(schema));
    plan->schemas = schemas;
  }
  if (kind == "sagemaker") plan->format = monitor::Format::kSageMaker;
  plan->models.push_back(std::move(model));
  return plan;
}

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::stoul(argv[1]) : 100'000;
  const std::size_t repeats = argc > 2 ? std::stoul(argv[2]) : 7;
  const std::string kind = argc > 3 ? argv[3] : "flat";
  const auto plan = Plan(kind);
  bench::RecordWriter writer(ShapeOf(kind), 1, 2);
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < records; ++i) {
    std::string record = writer.Make(i, 0, 1'793'491'200'000 + static_cast<std::int64_t>(i), true);
    if (kind == "odd") {
      messages.push_back(i % 10 == 9 ? bench::Odd(record, i / 10).text : std::move(record));
    } else if (kind.starts_with("avro")) {
      messages.push_back(AsAvro(record, kind == "avro-list"));
    } else {
      if (kind == "versions" && i % 2 == 1) record.replace(record.find(kVersion), kVersion.size(), kOtherVersion);
      const bool flat = kind == "flat" || kind == "python" || kind == "wide" || kind == "versions";
      messages.push_back(flat ? std::move(record) : Foreign(record, kind));
    }
  }
  std::vector<double> taken;
  for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
    monitor::ShardCounter counter({"bench", 0}, plan, {});
    const double began = CpuSeconds();
    for (std::size_t i = 0; i < records; ++i) {
      if (counter.Add({messages[i], static_cast<std::int64_t>(i), std::nullopt})) {
        std::cerr << "decode_bench: record " << i << " was rejected: " << messages[i] << '\n';
        return 1;
      }
      if (i % kBatch == kBatch - 1) counter.EndBatch();
    }
    counter.EndBatch();
    const monitor::ShardDelta delta = counter.Take();
    taken.push_back((CpuSeconds() - began) / static_cast<double>(records) * 1e9);
    std::cout << taken.back() << " ns a record\n";
  }
  std::ranges::sort(taken);
  std::cout << "median " << taken[taken.size() / 2] << " ns a record" << std::endl;
  bench::PrintFigure("decode", kind + ": decode and count", 1e9 / taken[taken.size() / 2], "records/s per core");
  return 0;
}
