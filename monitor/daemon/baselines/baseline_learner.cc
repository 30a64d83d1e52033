#include "monitor/daemon/baselines/baseline_learner.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "alerts/messages/time_text.h"
#include "baselines/complete.h"
#include "monitor/daemon/baselines/learning.h"
#include "monitor/daemon/log.h"
#include "monitor/daemon/thread_name.h"
#include "monitor/ingest/formats/format.h"
#include "monitor/training/learn_baseline.h"
#include "monitor/training/topic_reader.h"

namespace monitor {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr auto kLookForPartsEvery = std::chrono::seconds(10);  // of a baseline that is judged by meanwhile
constexpr std::chrono::seconds kTryAgain{5}, kLookAgain = std::chrono::hours(1);

std::int64_t WallNs() { return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string TextOf(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool SameBaseline(const baselines::Profile* a, const baselines::Profile* b) {
  return a == nullptr || b == nullptr ? a == b : a->digest == b->digest;
}

}  // namespace

struct BaselineLearner::Reading {
  Reading(const Config& config, const ModelConfig& model, std::shared_ptr<const baselines::Profile> baseline)
      : learning(config, model, std::move(baseline), WallNs()) {}

  Learning learning;
  std::unique_ptr<TopicReader> reader = nullptr;  // both made with the first look
  std::unique_ptr<TopicDecoder> decoder = nullptr;
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
  std::map<std::string, std::shared_ptr<Reading>> models;
  std::string text = TextOf(config.file);
  const bool same_config = text == config_text_;
  for (const ModelConfig& model : config.models) {
    const auto own = baselines.find(model.name);
    const auto baseline = own == baselines.end() ? nullptr : own->second.newest;
    if (baseline != nullptr && !Learning::LackedBy(*baseline, model).any()) continue;
    const auto before = models_.find(model.name);
    const bool same = same_config && before != models_.end() &&
                      SameBaseline(before->second->learning.baseline().get(), baseline.get());
    models[model.name] = same ? before->second : std::make_shared<Reading>(config, model, baseline);
  }
  models_ = std::move(models);
  config_text_ = std::move(text);
  wake_.notify_all();
}

std::vector<LearningProgress> BaselineLearner::Progress() const {
  const std::lock_guard lock(mutex_);
  std::vector<LearningProgress> all;
  for (const auto& [name, reading] : models_) {
    if (auto progress = reading->learning.Progress()) all.push_back(*std::move(progress));
  }
  return all;
}

void BaselineLearner::Run() {
  NameThread("learner");
  while (!stop_) {
    std::vector<std::shared_ptr<Reading>> models;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kLookEvery, [this] { return stop_.load(); });
      for (const auto& [name, reading] : models_) models.push_back(reading);
    }
    for (const auto& reading : models) {
      if (stop_) return;
      Work(*reading);
    }
  }
}

void BaselineLearner::Work(Reading& reading) {
  Learning& learning = reading.learning;
  if (std::chrono::steady_clock::now() < learning.not_before) return;
  try {
    if (!learning.enough()) Follow(reading);
    if (stop_) return;
    const bool parts = learning.baseline() != nullptr;
    if (parts) learning.not_before = std::chrono::steady_clock::now() + kLookForPartsEvery;
    if (learning.in_vain()) return LookAgainLater(reading);
    if (learning.enough()) {
      reading.reader.reset();  // it has done its work
      const bool waits = learning.waits_for_labels() && WallNs() < learning.labels_due_ns();
      if (!parts) {
        Make(learning);
      } else if (!waits && !MakeParts(learning)) {
        LookAgainLater(reading);
      }
    }
    learning.pause = {};
  } catch (const std::exception& fault) {
    // Said once: a topic may not exist for days.
    if (learning.last_fault != fault.what())
      Log(LogLevel::kWarning,
          "learning the baseline of " + learning.model().name + ": " + fault.what() + "; trying on");
    learning.last_fault = fault.what();
    reading.reader.reset();
    learning.Start();
    learning.pause = std::min(std::max(kTryAgain, 2 * learning.pause), kLookAgain);
    learning.not_before = std::chrono::steady_clock::now() + learning.pause;
  }
}

void BaselineLearner::LookAgainLater(Reading& reading) {
  reading.learning.StartOver(WallNs());
  reading.reader.reset();
  reading.learning.not_before = std::chrono::steady_clock::now() + kLookAgain;
}

void BaselineLearner::Follow(Reading& reading) {
  Learning& learning = reading.learning;
  const std::string& topic = learning.model().requests.topic;
  if (reading.reader == nullptr) {
    // Begins anew: what was seen before a fault would count twice.
    reading.reader = std::make_unique<TopicReader>(learning.config());
    const auto plan = LearningPlan(learning.config(), learning.model().name, learning.columns());
    reading.decoder = std::make_unique<TopicDecoder>(plan->topics.at(topic));
    learning.Start();
  }
  reading.reader->Read(
      topic, learning.begin_ns(),
      [&](const Message& message) {
        HalfReader* const halves = reading.decoder->halves();
        if (halves == nullptr)
          return reading.decoder->Decode(message, [&](const DecodedRecord& record) { learning.Note(record); });
        const HalfReader::Result& read = halves->Read(message);
        if (read.half && !read.half->response && read.model->name == learning.model().name)
          learning.NoteHalf(read.half->time_ns);
      },
      [&](double) {
        learning.Show();
        return !stop_ && !learning.in_vain();
      });
  learning.Measure();
}

std::unique_ptr<TrafficRows> BaselineLearner::Rows(const Learning& learning) const {
  const double share = std::min(1.0, static_cast<double>(kMostRows) / static_cast<double>(learning.rows()));
  const ModelConfig& model = learning.model();
  auto rows = ReadTraffic(
      learning.config(), model.name, learning.Range(), share, [this](double) { return !stop_.load(); },
      learning.columns().score);
  if (rows == nullptr) return rows;
  const TrafficRows::Counts& counts = rows->counts();
  // Where requests and responses come apart, requests that nobody answered were counted, too.
  const bool halves = ComesInHalves(FormatNamed(model.requests.format));
  const std::uint64_t least = halves ? 1 : std::max<std::uint64_t>(1, learning.rows() / 2);
  if (counts.rows + counts.unchosen + counts.repeated < least)
    throw std::runtime_error("less than half of the rows that were counted can be read again; keep topic " +
                             model.requests.topic + " for longer than the time to learn from and to wait for labels");
  return rows;
}

void BaselineLearner::Make(const Learning& learning) {
  const auto rows = Rows(learning);
  if (rows == nullptr) return;
  const std::string version = MostFrequentVersion(rows->counts());
  const baselines::Profile profile = rows->Build(version, alerts::FormatTime(WallNs() / 1'000'000'000 * 1'000'000'000));
  if (profile.features.empty())
    throw std::runtime_error("the records have no features; check `requests.fields` in the configuration");
  made_.baseline(learning.model().name, profile);
}

// False: the traffic has nothing that the baseline lacks.
bool BaselineLearner::MakeParts(const Learning& learning) {
  // Labels that are still to come would be missing.
  const bool quality = learning.lacked().quality && WallNs() >= learning.labels_due_ns();
  const auto rows = Rows(learning);
  if (rows == nullptr) return true;
  const baselines::Profile& baseline = *learning.baseline();
  baselines::Profile learnt = rows->Build(baseline.version, baseline.created,
                                          baseline.score ? std::optional(ScoreBinsOf(baseline)) : std::nullopt);
  if (!quality) learnt.quality.reset();
  Learning::DropScarce(learnt);
  baselines::MarkLearnt(learnt, learnt.source);
  if (baseline.score) learnt.score = baseline.score;  // whose bins quality was counted on
  return made_.parts(learning.model().name, learnt);
}

}  // namespace monitor
