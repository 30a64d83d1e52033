// What else is known about an incident: where its records lie, whose they are, and what changed around its beginning.
#include <algorithm>

#include "monitor/ingest/timestamp.h"
#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

}  // namespace

void Judge::NoteCircumstances(const ShardDelta& delta, std::int64_t from_offset) {
  for (const auto& [key, pane] : delta.panes) {
    circumstances_.NoteRecords(key.model, key.start_ns, delta.shard, from_offset, delta.next_offset);
    const ModelState& state = models_.at(key.model)->state;
    switch (state.SeenBefore(key.version, key.variant)) {
      case ModelState::Seen::kYes:
        break;
      case ModelState::Seen::kNewVersion: {
        const Epoch& epoch = state.plan().EpochAt(key.start_ns);
        const std::string& baseline = epoch.FrameOf(key.version)->profile().version;
        circumstances_.NoteChange(
            key.model, key.start_ns,
            "version " + key.version + " came into the traffic" +
                (epoch.by_version.contains(key.version)
                     ? ""
                     : "; it has no baseline of its own and is watched against that of version " + baseline));
        break;
      }
      case ModelState::Seen::kNewVariant:
        circumstances_.NoteChange(key.model, key.start_ns, "variant " + key.variant + " came into the traffic");
        break;
    }
    if (pane.extra > 0 && state.extra_is_new())
      circumstances_.NoteChange(key.model, key.start_ns,
                                "the producer's records began to carry fields that training did not have");
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
