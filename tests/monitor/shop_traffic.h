// A made-up model of a shop and its traffic: days in order, then days to which a test does something.
//
// Six features: amount (log-normal, of its channel), age, celsius, balance (mostly positive), country, channel. The
// score is a probability that is right (labels are drawn by it), so the model is calibrated until a test breaks that.
#pragma once

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "alerts/messages/time_text.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {

struct ShopRecord {
  std::string id;
  std::int64_t time_ns = 0;  // as the record says
  std::int64_t arrival_ns = 0;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::string> raw;  // JSON values put in place of those above; "" leaves the field out
  double score = 0;
  bool label = false;

  std::string Json() const {
    std::string features;
    const auto add = [&](const std::string& name, const std::string& value) {
      const auto put = raw.find(name);
      const std::string& written = put == raw.end() ? value : put->second;
      if (!written.empty()) features += (features.empty() ? "\"" : ",\"") + name + "\":" + written;
    };
    for (const auto& [name, value] : numbers) add(name, nlohmann::json(value).dump());
    for (const auto& [name, value] : texts) add(name, "\"" + value + "\"");
    for (const auto& [name, value] : raw) {
      if (!numbers.contains(name) && !texts.contains(name)) add(name, value);
    }
    return "{\"id\":\"" + id + "\",\"timestamp\":\"" + alerts::FormatTime(time_ns) + "\",\"features\":{" + features +
           "},\"prediction\":\"" + (score >= 0.5 ? "yes" : "no") + "\",\"score\":" + nlohmann::json(score).dump() + "}";
  }
};

class Shop {
 public:
  static constexpr std::int64_t kStart = 1'700'006'400 * kSecond;  // 2023-11-15T00:00Z
  static constexpr int kRecordsPerDay = 1200;

  explicit Shop(std::uint32_t seed) : random_(seed) {}

  ShopRecord Next(std::int64_t time_ns, double store = 0.2) {
    ShopRecord record;
    record.id = "r" + std::to_string(++ids_);
    record.time_ns = record.arrival_ns = time_ns;
    const bool in_store = Uniform() < store;
    const double u = Uniform();
    record.texts["channel"] = in_store ? "store" : u < 0.7 ? "web" : "app";
    const double v = Uniform();
    record.texts["country"] = v < 0.4 ? "DE" : v < 0.65 ? "FR" : v < 0.85 ? "IT" : "ES";
    const double wealth = Normal();
    record.numbers["amount"] = std::exp(3 + 0.6 * wealth + (in_store ? 0.5 : 0));
    record.numbers["age"] = 45 + 12 * Normal();
    record.numbers["celsius"] = 12 + 6 * Normal();
    record.numbers["balance"] = std::exp(0.5 * Normal()) * 100 - 20;
    record.score = 1 / (1 + std::exp(-2 * wealth));
    record.label = Uniform() < record.score;
    return record;
  }

  // Training data: a CSV file; `change` may spoil rows.
  std::shared_ptr<const baselines::Profile> Train(int rows = 6000,
                                                  const std::function<void(ShopRecord&, int)>& change = {}) {
    const std::filesystem::path file = tests::Temporary("shop.csv");
    std::ofstream csv(file);
    csv << "amount,age,celsius,balance,country,channel,prediction,score,label\n";
    csv.precision(17);
    for (int i = 0; i < rows; ++i) {
      ShopRecord record = Next(0);
      if (change) change(record, i);
      for (const char* name : {"amount", "age", "celsius", "balance"}) csv << record.numbers[name] << ',';
      csv << record.texts["country"] << ',' << record.texts["channel"] << ',' << (record.score >= 0.5 ? "yes" : "no")
          << ',' << record.score << ',' << (record.label ? "yes" : "no") << '\n';
    }
    csv.close();
    baselines::BuildOptions options;
    options.positive = "yes";
    return std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, options));
  }

  double Uniform() { return std::uniform_real_distribution<>(0, 1)(random_); }
  double Normal() { return std::normal_distribution<>(0, 1)(random_); }

 private:
  std::mt19937 random_;
  std::uint64_t ids_ = 0;
};

inline ModelConfig ShopConfig() {
  using namespace std::chrono;
  ModelConfig model;
  model.name = "shop";
  model.version = "1";
  model.requests.topic = "shop.requests";
  model.labels = LabelsConfig{};
  model.labels->topic = "shop.labels";
  model.labels->max_delay = hours(48);
  model.positive = "yes";
  model.pane = minutes(5);
  model.step = hours(24);
  model.window = hours(24);
  return model;
}

// Runs days of traffic through the pipeline; labels come an hour after their day.
class ShopRun {
 public:
  explicit ShopRun(std::shared_ptr<const baselines::Profile> profile, std::uint32_t seed = 7)
      : pipeline(ShopConfig(), std::move(profile)), shop(seed) {
    requests_ = pipeline.Counter({"shop.requests", 0});
    labels_ = pipeline.Counter({"shop.labels", 0});
  }

  // One day; `change` spoils records, by what share of the day is over. `store`: share of that channel.
  void Day(const std::function<void(ShopRecord&, double)>& change = {}, double store = 0.2,
           int records = Shop::kRecordsPerDay) {
    std::vector<std::string> labels;
    for (int i = 0; i < records; ++i) {
      const double share = (i + 0.5) / records;
      ShopRecord record = shop.Next(Now() + static_cast<std::int64_t>(share * static_cast<double>(kDay)), store);
      if (change) change(record, share);
      Send(record);
      labels.push_back("{\"id\":\"" + record.id + "\",\"timestamp\":\"" + alerts::FormatTime(Now() + kDay + kSecond) +
                       "\",\"label\":\"" + (record.label ? "yes" : "no") + "\"}");
    }
    Flush(*requests_);
    ++day_;
    for (const std::string& label : labels) labels_->Add({label, label_offset_++, std::nullopt});
    Flush(*labels_);
  }
  void Send(const ShopRecord& record) {
    const std::string line = record.Json();
    requests_->Add({line, offset_++, record.arrival_ns});
    requests_->EndBatch();
    if (++sent_ % 200 == 0) Flush(*requests_);
  }
  std::int64_t Now() const { return Shop::kStart + day_ * kDay; }  // start of the day that comes next
  nlohmann::json Finish() {
    pipeline.judge->FinishInput();
    pipeline.judge->Checkpoint();
    return pipeline.Alerts();
  }

  Pipeline pipeline;
  Shop shop;

 private:
  void Flush(ShardCounter& counter) {
    counter.EndBatch();
    if (counter.dirty()) pipeline.judge->Apply(counter.Take());
  }

  std::unique_ptr<ShardCounter> requests_, labels_;
  std::int64_t day_ = 0, offset_ = 0, label_offset_ = 0, sent_ = 0;
};

}  // namespace monitor::testing
