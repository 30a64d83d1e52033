// The committed state as readers see it.
#include <algorithm>
#include <cmath>

#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

// Below this many unread records a model is not called behind: they arrive faster than anybody looks.
constexpr std::uint64_t kBehind = 10'000;

}  // namespace

std::shared_ptr<const Snapshot> Judge::MakeSnapshot() const {
  auto snapshot = std::make_shared<Snapshot>();
  for (const auto& [id, shard] : shards_) {
    snapshot->shards.push_back({id.topic, id.partition, shard.start.next_offset, shard.end, shard.lost, shard.at_end});
  }
  std::map<std::string, alerts::Severity> worst;
  std::set<std::string> silent;
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> counts;
  for (const auto& [id, alert] : firing_) {
    ++counts[{alert.model, std::string(alerts::Text(alert.state)), std::string(alerts::Text(alert.cause))}];
    if (alert.state != alerts::State::kFiring) continue;
    const auto [slot, fresh] = worst.try_emplace(alert.model, alert.severity);
    slot->second = std::max(slot->second, alert.severity);
    if (alert.cause == alerts::Cause::kNoData) silent.insert(alert.model);
  }
  for (const auto& [key, count] : counts)
    snapshot->alerts.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});

  for (const ModelConfig& config : config_.models) {
    const auto found = models_.find(config.name);
    if (found == models_.end()) continue;
    const Model& model = *found->second;
    ModelSnapshot view = model.state.Snapshot();
    if (config.labels) {
      view.labels = model.labels.counters();
      view.sampling_rate = std::ldexp(1.0, -static_cast<int>(index_.level()));
      for (const auto& [variant, newest] : model.quality.newest()) {
        view.quality.push_back({variant.first, variant.second, newest.coverage, newest.metrics, newest.estimated});
      }
    }
    const std::int64_t watermark = model.watermark.value();
    if (watermark != Watermark::kNone && watermark != INT64_MAX) view.watermark_ns = watermark;
    bool any = false, known = true;
    for (const auto& [id, shard] : shards_) {
      if (!model.ReadsRequestsOf(id.topic) && !(config.labels && id.topic == config.labels->topic)) continue;
      any = true;
      known = known && shard.end.has_value();
      if (shard.end)
        view.lag += static_cast<std::uint64_t>(std::max<std::int64_t>(0, *shard.end - shard.start.next_offset));
    }
    view.lag_known = any && known;
    view.health = !not_ready_.empty() || !any            ? Health::kStalled
                  : silent.contains(config.name)         ? Health::kNoData
                  : view.counters.received() == 0        ? Health::kNoData
                  : view.lag_known && view.lag > kBehind ? Health::kBehind
                                                         : Health::kOk;
    if (view.calibrating) view.mood = ModelMood::kCalibrating;
    if (const auto severity = worst.find(config.name); severity != worst.end()) {
      view.mood = severity->second == alerts::Severity::kCritical  ? ModelMood::kAlarm
                  : severity->second == alerts::Severity::kWarning ? ModelMood::kWarning
                                                                   : ModelMood::kOk;
    }
    for (FeatureSnapshot& feature : view.features) {
      for (const auto& [id, alert] : firing_) {
        feature.firing = feature.firing || (alert.state == alerts::State::kFiring && alert.model == config.name &&
                                            alert.feature == feature.feature);
      }
    }
    snapshot->models.push_back(std::move(view));
  }
  if (unknown_.received() + unknown_labels_.rejected() > 0) {
    ModelSnapshot nobody;
    if (unknown_labels_.rejected() > 0) nobody.labels = unknown_labels_;
    nobody.counters = unknown_;
    snapshot->models.push_back(std::move(nobody));
  }
  snapshot->notifications = notifications_;
  snapshot->retrains = retrains_;
  snapshot->outbox_pending = outbox_pending_;
  snapshot->checkpoint_buckets = checkpoint_buckets_;
  snapshot->checkpoints = checkpoints_;
  snapshot->checkpoint_seconds_sum = checkpoint_seconds_;
  snapshot->checkpoint_bytes = store_.bytes_written();
  snapshot->config_reload_ok = reload_ok_;
  snapshot->config_error = reload_error_;
  snapshot->not_ready = not_ready_;
  snapshot->broker_reachable = not_ready_.empty();
  return snapshot;
}

}  // namespace monitor
