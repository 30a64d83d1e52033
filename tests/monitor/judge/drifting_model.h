// A model of two features that drift on demand, watched by one webhook and one retrain trigger: the fixture of tests of
// what people are told.
#pragma once

#include <gtest/gtest.h>

#include <deque>

#include "monitor/serve/actions.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {

using Kind = OperatorAction::Kind;
using nlohmann::json;

constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::int64_t kStart = 1'357'000'000 / 86'400 * 86'400 * kSecond;

class DriftingModel : public ::testing::Test {
 protected:
  DriftingModel();
  ~DriftingModel() override;

  static std::shared_ptr<const baselines::Profile> Profile();
  static ModelConfig Model();

  void Restart();

  // One hour of records; `shifted` features have other values. Closes the hour before it. Returns what may be sent
  // then.
  std::vector<alerts::OutboxRow> Hour(const std::string& shifted);
  // Twenty records of the last minute in which `feature` is no number: a broken feed, which the next hour ends.
  void Faulty(const std::string& feature);
  std::vector<alerts::OutboxRow> Hours(const std::string& shifted, int count);
  // Some quiet hours. A drift ends with the third one after it, which the hour after that closes.
  void Quiet() { EXPECT_TRUE(Hours("", 4).empty()); }

  ActionAnswer Act(OperatorAction action, std::vector<alerts::OutboxRow>* rows = nullptr);
  ActionAnswer Act(Kind kind, const std::string& subject, std::vector<alerts::OutboxRow>* rows = nullptr);
  json Firing();
  json Retrains();
  static std::vector<std::string> Types(const std::vector<alerts::OutboxRow>& rows);
  using Names = std::vector<std::string>;

  Pipeline pipeline;
  std::unique_ptr<ShardCounter> counter;
  std::deque<std::string> lines;
  std::int64_t hour = 0, offset = 0;
  double shifted_by = 60;  // of a shifted value; a standard deviation is 29
  std::string version;     // of the next records; empty: they name none
};

}  // namespace monitor::testing
