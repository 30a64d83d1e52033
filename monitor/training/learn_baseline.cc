#include "monitor/training/learn_baseline.h"

#include <algorithm>

#include "monitor/ingest/timestamp.h"
#include "monitor/training/topic_reader.h"

namespace monitor {

std::unique_ptr<TrafficRows> ReadTraffic(const Config& config, const std::string& model, TimeRange range, double share,
                                         const std::function<bool(double done)>& go_on, bool score) {
  auto rows = std::make_unique<TrafficRows>(config, model, range, share, score);
  const ModelConfig& own = rows->model();
  std::vector<std::pair<std::string, std::int64_t>> topics;  // and where to begin
  if (own.labels && !own.labels->topic.empty())
    topics.emplace_back(own.labels->topic, SaturatingAdd(range.from_ns, -own.labels->early_ttl.count()));
  const std::int64_t from_ns = SaturatingAdd(range.from_ns, -own.max_clock_skew.count());
  topics.emplace_back(own.requests.topic, from_ns);
  if (!own.requests.responses.empty()) topics.emplace_back(own.requests.responses, from_ns);
  TopicReader reader(config);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const auto& [topic, begin_ns] = topics[i];
    const bool whole = reader.Read(
        topic, begin_ns, [&](const Message& message) { rows->Add(topic, message); },
        [&](double done) { return go_on((static_cast<double>(i) + done) / static_cast<double>(topics.size())); });
    if (!whole) return nullptr;
  }
  return rows;
}

std::string MostFrequentVersion(const TrafficRows::Counts& counts) {
  const auto most = std::ranges::max_element(counts.versions, {}, [](const auto& entry) { return entry.second; });
  return most == counts.versions.end() ? "1" : most->first;
}

}  // namespace monitor
