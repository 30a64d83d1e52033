#include "tests/monitor/judge/drifting_model.h"

#include <chrono>
#include <fstream>

#include "alerts/targets/retrain/webhook.h"
#include "alerts/targets/webhook.h"
#include "tests/support/temporary.h"

namespace monitor::testing {

DriftingModel::DriftingModel() : pipeline(Model(), Profile()) {
  RetrainConfig retrain;
  retrain.name = "trainer";
  pipeline.config.retrain.push_back(retrain);
  Restart();
}

std::shared_ptr<const baselines::Profile> DriftingModel::Profile() {
  const auto file = tests::Temporary("actions.csv");
  std::ofstream out(file);
  out << "a,b\n165,165\n";  // shifted values are in range: one monitor finds them
  for (int i = 0; i < 4'000; ++i) out << (i * 37 % 1000) / 10.0 << "," << (i * 53 % 1000) / 10.0 << "\n";
  out.close();
  return std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, {}));
}

ModelConfig DriftingModel::Model() {
  using namespace std::chrono;
  ModelConfig model;
  model.name = "m";
  model.version = "1";
  model.requests.topic = "requests";
  model.pane = minutes(5);
  model.step = model.window = hours(1);
  return model;
}

DriftingModel::~DriftingModel() = default;

void DriftingModel::Restart() {
  pipeline.targets = {alerts::MakeWebhook({"hook", "http://127.0.0.1/", {}, {}}, nullptr),
                      alerts::MakeRetrainWebhook({"trainer", "http://127.0.0.1/", {}, {}}, nullptr)};
  pipeline.Start();
  pipeline.judge->SetNotReady("");
  counter = pipeline.Counter({"requests", 0});
}

std::vector<alerts::OutboxRow> DriftingModel::Hour(const std::string& shifted) {
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

void DriftingModel::Faulty(const std::string& feature) {
  const std::string other = feature == "a" ? "b" : "a";
  for (int i = 0; i < 20; ++i) {
    lines.push_back("{\"timestamp\":" + std::to_string((kStart + hour * kHour - 60 * kSecond) / kSecond) +
                    ",\"features\":{\"" + feature + "\":\"x\",\"" + other + "\":" + std::to_string(5 * i) + "}}");
    counter->Add({lines.back(), offset++, std::nullopt});
  }
}

std::vector<alerts::OutboxRow> DriftingModel::Hours(const std::string& shifted, int count) {
  std::vector<alerts::OutboxRow> rows;
  for (int i = 0; i < count; ++i) {
    for (auto& row : Hour(shifted)) rows.push_back(std::move(row));
  }
  return rows;
}

ActionAnswer DriftingModel::Act(OperatorAction action, std::vector<alerts::OutboxRow>* rows) {
  std::optional<ActionAnswer> answer;
  pipeline.judge->Act(action, [&](ActionAnswer what) { answer = std::move(what); });
  EXPECT_FALSE(answer.has_value()) << "answered before the commit";
  auto sent = pipeline.judge->Checkpoint();
  if (rows != nullptr) *rows = std::move(sent);
  EXPECT_TRUE(answer.has_value());
  return answer.value_or(ActionAnswer{});
}

ActionAnswer DriftingModel::Act(Kind kind, const std::string& subject, std::vector<alerts::OutboxRow>* rows) {
  return Act(ParseAction(kind, subject, R"({"by":"ann","comment":"known"})"), rows);
}

json DriftingModel::Firing() {
  for (const json& alert : pipeline.Alerts()) {
    if (alert["state"] == "firing") return alert;
  }
  return nullptr;
}

json DriftingModel::Retrains() { return History(pipeline.store->db()).Retrains(Pipeline::Everything(""))["retrains"]; }
std::vector<std::string> DriftingModel::Types(const std::vector<alerts::OutboxRow>& rows) {
  std::vector<std::string> types;
  for (const auto& row : rows) types.push_back(row.target + " " + row.type);
  return types;
}

}  // namespace monitor::testing
