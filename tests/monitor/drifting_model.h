// A model of two features that drift on demand, watched by one webhook and one retrain trigger: the fixture of tests of
// what people are told.
#pragma once

#include <gtest/gtest.h>

#include <deque>

#include "alerts/targets/retrain/webhook.h"
#include "alerts/targets/webhook.h"
#include "monitor/serve/actions.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {

using Kind = OperatorAction::Kind;
using nlohmann::json;

constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::int64_t kStart = 1'357'000'000 / 86'400 * 86'400 * kSecond;

class DriftingModel : public ::testing::Test {
 protected:
  DriftingModel() : pipeline(Model(), Profile()) {
    RetrainConfig retrain;
    retrain.name = "trainer";
    pipeline.config.retrain.push_back(retrain);
    Restart();
  }

  static std::shared_ptr<const baselines::Profile> Profile() {
    const auto file = std::filesystem::path(::testing::TempDir()) / (std::to_string(getpid()) + "-actions.csv");
    std::ofstream out(file);
    out << "a,b\n165,165\n";  // shifted values are in range: one monitor finds them
    for (int i = 0; i < 4'000; ++i) out << (i * 37 % 1000) / 10.0 << "," << (i * 53 % 1000) / 10.0 << "\n";
    out.close();
    return std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, {}));
  }
  static ModelConfig Model() {
    using namespace std::chrono;
    ModelConfig model;
    model.name = "m";
    model.version = "1";
    model.requests.topic = "requests";
    model.pane = minutes(5);
    model.step = model.window = hours(1);
    return model;
  }

  void Restart() {
    pipeline.targets = {alerts::MakeWebhook({"hook", "http://127.0.0.1/", {}, {}}, nullptr),
                        alerts::MakeRetrainWebhook({"trainer", "http://127.0.0.1/", {}, {}}, nullptr)};
    pipeline.Start();
    pipeline.judge->SetNotReady("");
    counter = pipeline.Counter({"requests", 0});
  }

  // One hour of records; `shifted` features have other values. Closes the hour before it. Returns what may be sent
  // then.
  std::vector<alerts::OutboxRow> Hour(const std::string& shifted) {
    for (int i = 0; i < 600; ++i) {
      const std::int64_t time = kStart + hour * kHour + i * 6 * kSecond;
      const auto value = [&](const char* name, int step) {
        return std::to_string((i * step % 1000) / 10.0 + (shifted.find(name) != shifted.npos ? shifted_by : 0));
      };
      lines.push_back("{" + (version.empty() ? "" : "\"version\":\"" + version + "\",") +
                      "\"timestamp\":" + std::to_string(time / kSecond) + ",\"features\":{\"a\":" + value("a", 37) +
                      ",\"b\":" + value("b", 53) + "}}");
      counter->Add({lines.back(), offset++, std::nullopt});
    }
    ++hour;
    counter->EndBatch();
    pipeline.judge->Apply(counter->Take());
    return pipeline.judge->Checkpoint();
  }
  // Twenty records of the last minute in which `feature` is no number: a broken feed, which the next hour ends.
  void Faulty(const std::string& feature) {
    const std::string other = feature == "a" ? "b" : "a";
    for (int i = 0; i < 20; ++i) {
      lines.push_back("{\"timestamp\":" + std::to_string((kStart + hour * kHour - 60 * kSecond) / kSecond) +
                      ",\"features\":{\"" + feature + "\":\"x\",\"" + other + "\":" + std::to_string(5 * i) + "}}");
      counter->Add({lines.back(), offset++, std::nullopt});
    }
  }
  std::vector<alerts::OutboxRow> Hours(const std::string& shifted, int count) {
    std::vector<alerts::OutboxRow> rows;
    for (int i = 0; i < count; ++i) {
      for (auto& row : Hour(shifted)) rows.push_back(std::move(row));
    }
    return rows;
  }
  // Some quiet hours. A drift ends with the third one after it, which the hour after that closes.
  void Quiet() { EXPECT_TRUE(Hours("", 4).empty()); }

  ActionAnswer Act(OperatorAction action, std::vector<alerts::OutboxRow>* rows = nullptr) {
    std::optional<ActionAnswer> answer;
    pipeline.judge->Act(action, [&](ActionAnswer what) { answer = std::move(what); });
    EXPECT_FALSE(answer.has_value()) << "answered before the commit";
    auto sent = pipeline.judge->Checkpoint();
    if (rows != nullptr) *rows = std::move(sent);
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(ActionAnswer{});
  }
  ActionAnswer Act(Kind kind, const std::string& subject, std::vector<alerts::OutboxRow>* rows = nullptr) {
    return Act(ParseAction(kind, subject, R"({"by":"ann","comment":"known"})"), rows);
  }
  json Firing() {
    for (const json& alert : pipeline.Alerts()) {
      if (alert["state"] == "firing") return alert;
    }
    return nullptr;
  }
  json Retrains() { return History(pipeline.store->db()).Retrains(Pipeline::Everything(""))["retrains"]; }
  static std::vector<std::string> Types(const std::vector<alerts::OutboxRow>& rows) {
    std::vector<std::string> types;
    for (const auto& row : rows) types.push_back(row.target + " " + row.type);
    return types;
  }
  using Names = std::vector<std::string>;

  Pipeline pipeline;
  std::unique_ptr<ShardCounter> counter;
  std::deque<std::string> lines;
  std::int64_t hour = 0, offset = 0;
  double shifted_by = 60;  // of a shifted value; a standard deviation is 29
  std::string version;     // of the next records; empty: they name none
};

}  // namespace monitor::testing
