#include "monitor/daemon/baseline_learner.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "alerts/text.h"
#include "alerts/time_text.h"
#include "monitor/daemon/log.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/training/learn_baseline.h"
#include "monitor/training/topic_reader.h"

namespace monitor {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr auto kTryAgain = std::chrono::seconds(5);
constexpr std::int64_t kHourNs = std::int64_t{3600} * 1'000'000'000;

std::int64_t WallNs() { return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count(); }

// Where the first start began to read; later ones begin there too.
std::int64_t BeginOf(const Config& config, const ModelConfig& model) {
  if (model.requests.start.kind == StartAt::Kind::kEarliest) return INT64_MIN;
  const std::filesystem::path file = config.state / "learning" / ("from-" + alerts::PercentEncode(model.name));
  std::int64_t begin = 0;
  if (std::ifstream in(file); in >> begin) return begin;
  begin = WallNs() - model.requests.start.ago.count();
  std::filesystem::create_directories(file.parent_path());
  // A file that is half written is one that nothing was read by.
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream(fresh) << begin << '\n';
  std::filesystem::rename(fresh, file);
  return begin;
}

}  // namespace

struct BaselineLearner::Learning {
  Config config;
  ModelConfig model;
  std::int64_t begin_ns = INT64_MIN;
  std::unique_ptr<TopicReader> reader;  // both made with the first look
  std::unique_ptr<TopicDecoder> decoder;
  std::chrono::steady_clock::time_point not_before{};
  std::string last_fault;
  std::uint64_t rows = 0;
  std::map<std::int64_t, std::uint64_t> per_hour;
  std::int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
  std::optional<std::int64_t> end_ns;  // of the range, once there is enough in it
  std::atomic<std::uint64_t> shown_rows{0};
  std::atomic<std::int64_t> shown_length_ns{0};

  void Note(std::int64_t ns) {
    if (ns < begin_ns) return;
    ++rows;
    ++per_hour[FloorTo(ns, kHourNs)];
    last_ns = std::max(last_ns, ns);
  }
  // Where the range ends, in whole hours: the same however partitions took turns. A few records with an old time do not
  // make it long.
  void Measure() {
    const auto wanted = static_cast<std::uint64_t>(model.learn->rows);
    std::uint64_t before = 0;
    first_ns = INT64_MAX;
    end_ns.reset();
    for (const auto& [hour, count] : per_hour) {
      before += count;
      if (first_ns == INT64_MAX && before > wanted / 1000) first_ns = hour;
      if (before < wanted || hour + kHourNs - first_ns < model.learn->length.count()) continue;
      end_ns = hour + kHourNs;
      break;
    }
    shown_rows = rows;
    shown_length_ns = first_ns == INT64_MAX ? 0 : last_ns - first_ns;
  }
  bool enough() const { return end_ns && last_ns >= SaturatingAdd(*end_ns, model.allowed_lateness.count()); }
};

BaselineLearner::BaselineLearner(Made made) : made_(std::move(made)), thread_([this] { Run(); }) {}

void BaselineLearner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void BaselineLearner::SetModels(const Config& config, const std::map<std::string, ModelBaselines>& baselines) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::shared_ptr<Learning>> models;
  for (const ModelConfig& model : config.models) {
    if (baselines.contains(model.name)) continue;
    auto& slot = models[model.name] = std::make_shared<Learning>();
    slot->config = config;
    slot->model = model;
    slot->begin_ns = BeginOf(config, model);
  }
  models_ = std::move(models);
  wake_.notify_all();
}

std::vector<LearningProgress> BaselineLearner::Progress() const {
  const std::lock_guard lock(mutex_);
  std::vector<LearningProgress> all;
  for (const auto& [name, learning] : models_) {
    const LearnConfig& wanted = *learning->model.learn;
    all.push_back({name, learning->shown_rows, static_cast<std::uint64_t>(wanted.rows), learning->shown_length_ns,
                   wanted.length.count()});
  }
  return all;
}

void BaselineLearner::Run() {
  while (!stop_) {
    std::vector<std::shared_ptr<Learning>> models;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kLookEvery, [this] { return stop_.load(); });
      for (const auto& [name, learning] : models_) models.push_back(learning);
    }
    for (const auto& learning : models) {
      if (stop_) return;
      Work(*learning);
    }
  }
}

void BaselineLearner::Work(Learning& learning) {
  if (std::chrono::steady_clock::now() < learning.not_before) return;
  try {
    if (Follow(learning)) Make(learning);
  } catch (const std::exception& fault) {
    // Said once: a topic may not exist for days.
    if (learning.last_fault != fault.what())
      Log(LogLevel::kWarning, "learning the baseline of " + learning.model.name + ": " + fault.what() + "; trying on");
    learning.last_fault = fault.what();
    learning.reader.reset();
    learning.not_before = std::chrono::steady_clock::now() + kTryAgain;
  }
}

// True when the range is complete.
bool BaselineLearner::Follow(Learning& learning) {
  if (learning.reader == nullptr) {
    // Begins anew: what was seen before a fault would count twice.
    learning.reader = std::make_unique<TopicReader>(learning.config);
    const auto plan = LearningPlan(learning.config, learning.model.name, {});
    learning.decoder = std::make_unique<TopicDecoder>(plan->topics.at(learning.model.requests.topic));
    learning.rows = 0;
    learning.per_hour.clear();
    learning.last_ns = INT64_MIN;
  }
  const auto take = [&](const DecodedRecord& record) {
    if (!record.reject && !record.skipped && record.model->name == learning.model.name) learning.Note(record.time_ns);
  };
  learning.reader->Read(
      learning.model.requests.topic, learning.begin_ns,
      [&](const Message& message) {
        HalfReader* const halves = learning.decoder->halves();
        if (halves == nullptr) return learning.decoder->Decode(message, take);
        const HalfReader::Result& read = halves->Read(message);
        if (read.half && !read.half->response && read.model->name == learning.model.name)
          learning.Note(read.half->time_ns);
      },
      [&](double) {
        learning.shown_rows = learning.rows;
        return !stop_;
      });
  learning.Measure();
  return !stop_ && learning.enough();
}

void BaselineLearner::Make(Learning& learning) {
  const double share = std::min(1.0, static_cast<double>(kMostRows) / static_cast<double>(learning.rows));
  const auto rows = ReadTraffic(learning.config, learning.model.name, {learning.begin_ns, *learning.end_ns}, share,
                                [this](double) { return !stop_.load(); });
  if (rows == nullptr) return;
  const std::string version = MostFrequentVersion(rows->counts());
  const baselines::Profile profile = rows->Build(version, alerts::FormatTime(WallNs() / 1'000'000'000 * 1'000'000'000));
  if (profile.features.empty())
    throw std::runtime_error("the records have no features; check `requests.fields` in the configuration");
  made_(learning.model.name, profile);
}

}  // namespace monitor
