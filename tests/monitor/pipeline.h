// A judge and counters over memory, driven by tests: no threads, no network, clocks that the test sets.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "baselines/build/profile_builder.h"
#include "monitor/ingest/shard_counter.h"
#include "monitor/judge/judge.h"
#include "monitor/store/history.h"

namespace monitor::testing {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

// Unpacks `file` (gzip) into a temporary file and returns where.
std::filesystem::path Unpack(const std::filesystem::path& file, const std::string& name);

std::vector<std::string> Lines(const std::filesystem::path& file);

// The flights model of tests/data with its baseline.
std::shared_ptr<const baselines::Profile> FlightsProfile();
ModelConfig FlightsConfig();

class Pipeline {
 public:
  explicit Pipeline(ModelConfig model = FlightsConfig(),
                    std::shared_ptr<const baselines::Profile> profile = FlightsProfile());
  ~Pipeline();

  // Makes a new judge over the same store, as a restart after a crash does.
  void Start();

  std::unique_ptr<ShardCounter> Counter(const ShardId& shard);

  nlohmann::json Windows(const std::string& model = "flights");
  nlohmann::json Alerts();
  ModelSnapshot Model(const std::string& name);

  static HistoryQuery Everything(const std::string& model);

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
