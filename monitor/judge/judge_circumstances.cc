// What else is known about an incident: where its records lie, whose they are, and what changed around its beginning.
#include <algorithm>

#include "monitor/ingest/timestamp.h"
#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

}  // namespace

void Judge::NoteCircumstances(const ShardDelta& delta, std::int64_t from_offset) {
  std::set<std::tuple<std::string, std::string, std::string>> noted;  // panes come in the order of time
  for (const auto& [key, pane] : delta.panes) {
    circumstances_.NoteRecords(key.model, key.start_ns, delta.shard, from_offset, delta.next_offset);
    const ModelState& state = models_.at(key.model)->state;
    if (pane.extra > 0 && state.extra_is_new() && noted.insert({key.model, "", "extra"}).second) {
      circumstances_.NoteChange(key.model, key.start_ns,
                                "the producer's records began to carry fields that training did not have");
    }
    const auto seen = state.SeenBefore(key.version, key.variant);
    if (seen == ModelState::Seen::kYes || !noted.insert({key.model, key.version, key.variant}).second) continue;
    std::string what = "variant " + key.variant + " came into the traffic";
    if (seen == ModelState::Seen::kNewVersion) {
      what = "version " + key.version + " came into the traffic";
      const Epoch& epoch = state.plan().EpochAt(key.start_ns);
      if (!epoch.by_version.contains(key.version)) {
        what += "; it has no baseline of its own and is watched against that of version " +
                epoch.FrameOf(key.version)->profile().version;
      }
    }
    circumstances_.NoteChange(key.model, key.start_ns, what);
  }
}

void Judge::AddCircumstances(const Model& model, alerts::IncidentEvent& event) {
  std::int64_t first = event.timestamp_ns;
  for (const alerts::Alert& alert : event.alerts) {
    if (alert.started_at_ns != 0) first = std::min(first, alert.started_at_ns);
  }
  const std::int64_t began = event.began_at_ns != 0 ? std::min(event.began_at_ns, first) : first;
  const std::int64_t around = std::max(kDayNs, model.state.plan().EpochAt(first).step_ns);
  alerts::Circumstances& circumstances = event.circumstances;
  circumstances.brokers = config_.brokers;
  circumstances.traffic_share = model.state.ShareOfTraffic(event.version, event.variant);
  circumstances.records = circumstances_.Records(event.model, first, std::max(event.timestamp_ns, first + 1));
  circumstances.changes = circumstances_.Changes(event.model, SaturatingAdd(began, -around), event.timestamp_ns);
}

}  // namespace monitor
