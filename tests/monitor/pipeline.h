// A judge and counters over memory, driven by tests: no threads, no network, clocks that the test sets.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "baselines/profile_builder.h"
#include "monitor/ingest/shard_counter.h"
#include "monitor/judge/judge.h"
#include "monitor/store/history.h"

namespace monitor::testing {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

// Unpacks `file` (gzip) beside the test's temporary files and returns where.
inline std::filesystem::path Unpack(const std::filesystem::path& file, const std::string& name) {
  // Tests run as processes of their own at the same time.
  const std::filesystem::path out =
      std::filesystem::path(::testing::TempDir()) / (std::to_string(getpid()) + "-" + name);
  gzFile in = gzopen(file.c_str(), "rb");
  std::ofstream plain(out, std::ios::binary);
  char part[1 << 16];
  for (int got = 0; (got = gzread(in, part, sizeof part)) > 0;) plain.write(part, got);
  gzclose(in);
  return out;
}

inline std::vector<std::string> Lines(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The flights model of tests/data with its baseline.
inline std::shared_ptr<const baselines::Profile> FlightsProfile() {
  static const auto profile = std::make_shared<const baselines::Profile>(baselines::BuildProfile(
      Unpack(std::filesystem::path(TEST_DATA) / "flights/train.csv.gz", "pipeline-train.csv"), {}));
  return profile;
}

inline ModelConfig FlightsConfig() {
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

class Pipeline {
 public:
  explicit Pipeline(ModelConfig model = FlightsConfig(),
                    std::shared_ptr<const baselines::Profile> profile = FlightsProfile()) {
    config.models.push_back(std::move(model));
    config.external_url = "http://monitor.test";
    for (const ModelConfig& each : config.models) baselines[each.name] = {{{profile->version, profile}}, profile};
    store = StateStore::InMemory();
    Start();
  }

  // Makes a new judge over the same store, as a restart after a crash does.
  void Start() {
    judge = std::make_unique<Judge>(*store, index, board,
                                    Judge::Clocks{[this] { return steady; }, [this] { return wall; }});
    plan = judge->Configure(config, baselines, targets);
  }

  std::unique_ptr<ShardCounter> Counter(const ShardId& shard) {
    return std::make_unique<ShardCounter>(shard, plan->topics.at(shard.topic), judge->AddShard(shard, 0));
  }

  nlohmann::json Windows(const std::string& model = "flights") {
    return History(store->db()).Windows(Everything(model))["windows"];
  }
  nlohmann::json Alerts() { return History(store->db()).Alerts(Everything(""))["alerts"]; }
  ModelSnapshot Model(const std::string& name) {
    const auto snapshot = board.Read();
    for (const ModelSnapshot& model : snapshot->models) {
      if (model.name == name) return model;
    }
    return {};
  }

  static HistoryQuery Everything(const std::string& model) {
    HistoryQuery query;
    query.model = model;
    query.limit = 100'000;
    return query;
  }

  Config config;
  std::map<std::string, ModelBaselines> baselines;
  std::vector<std::shared_ptr<alerts::Target>> targets;
  std::int64_t steady = 0;
  std::int64_t wall = 1'700'000'000 * kSecond;
  std::filesystem::path index;
  SnapshotBoard board;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<Judge> judge;
  std::shared_ptr<const CountingPlan> plan;
};

}  // namespace monitor::testing
