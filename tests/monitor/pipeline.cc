#include "tests/monitor/pipeline.h"

#include <zlib.h>

#include <chrono>
#include <fstream>

#include "tests/support/temporary.h"

namespace monitor::testing {

std::filesystem::path Unpack(const std::filesystem::path& file, const std::string& name) {
  const std::filesystem::path out = tests::Temporary(name);
  gzFile in = gzopen(file.c_str(), "rb");
  std::ofstream plain(out, std::ios::binary);
  char part[1 << 16];
  for (int got = 0; (got = gzread(in, part, sizeof part)) > 0;) plain.write(part, got);
  gzclose(in);
  return out;
}

std::vector<std::string> Lines(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::shared_ptr<const baselines::Profile> FlightsProfile() {
  static const auto profile = std::make_shared<const baselines::Profile>(baselines::BuildProfile(
      Unpack(std::filesystem::path(TEST_DATA) / "flights/train.csv.gz", "pipeline-train.csv"), {}));
  return profile;
}

ModelConfig FlightsConfig() {
  using namespace std::chrono;
  ModelConfig model;
  model.name = "flights";
  model.version = "1";
  model.requests.topic = "flights.requests";
  model.labels = LabelsConfig{};
  model.labels->topic = "flights.labels";
  model.positive = "late";
  model.pane = minutes(5);
  model.step = hours(24);
  model.window = hours(24 * 7);
  return model;
}

Pipeline::Pipeline(ModelConfig model, std::shared_ptr<const baselines::Profile> profile) {
  config.models.push_back(std::move(model));
  config.external_url = "http://monitor.test";
  for (const ModelConfig& each : config.models) baselines[each.name] = {{{profile->version, profile}}, profile};
  store = StateStore::InMemory();
  Start();
}

Pipeline::~Pipeline() = default;

void Pipeline::Start() {
  judge =
      std::make_unique<Judge>(*store, index, board, Judge::Clocks{[this] { return steady; }, [this] { return wall; }});
  plan = judge->Configure(config, baselines, targets);
}

std::unique_ptr<ShardCounter> Pipeline::Counter(const ShardId& shard) {
  return std::make_unique<ShardCounter>(shard, plan->topics.at(shard.topic), judge->AddShard(shard, 0));
}

nlohmann::json Pipeline::Windows(const std::string& model) {
  return History(store->db()).Windows(Everything(model))["windows"];
}

nlohmann::json Pipeline::Alerts() { return History(store->db()).Alerts(Everything(""))["alerts"]; }

ModelSnapshot Pipeline::Model(const std::string& name) {
  const auto snapshot = board.Read();
  for (const ModelSnapshot& model : snapshot->models) {
    if (model.name == name) return model;
  }
  return {};
}

HistoryQuery Pipeline::Everything(const std::string& model) {
  HistoryQuery query;
  query.model = model;
  query.limit = 100'000;
  return query;
}

}  // namespace monitor::testing
