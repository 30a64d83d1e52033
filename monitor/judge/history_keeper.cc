#include "monitor/judge/history_keeper.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "monitor/ingest/shard_delta.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kKeepNs = 400 * kDayNs;

std::shared_ptr<const Frame> FrameOfDigest(const std::vector<Epoch>& epochs, const std::string& digest) {
  for (const Epoch& epoch : epochs) {
    if (epoch.newest->profile().digest == digest) return epoch.newest;
    for (const auto& [version, frame] : epoch.by_version) {
      if (frame->profile().digest == digest) return frame;
    }
  }
  return nullptr;
}

// Merges the closed steps of whole days before `before_ns` into one row per day.
void MergeSteps(StateStore& store, const std::string& model, std::int64_t before_ns, const std::vector<Epoch>& epochs) {
  using DayKey = std::tuple<std::int64_t, std::string, std::string, std::string>;  // day, version, variant, digest
  std::map<DayKey, PaneSummary> days;
  std::map<DayKey, std::vector<StoredSummary>> parts;
  Statement rows(store.db(),
                 "SELECT start_ns,version,variant,digest,summary,end_ns FROM step WHERE model=? AND closed=1 AND "
                 "end_ns<=? AND end_ns-start_ns<?");
  rows.Bind(model).Bind(before_ns).Bind(kDayNs);
  while (rows.Step()) {
    const DayKey key{FloorTo(rows.Int(0), kDayNs), std::string(rows.Text(1)), std::string(rows.Text(2)),
                     std::string(rows.Text(3))};
    const auto frame = FrameOfDigest(epochs, std::get<3>(key));
    if (frame == nullptr) continue;
    const auto [slot, fresh] = days.try_emplace(key);
    PaneSummary part = PaneSummary::Decode(rows.Blob(4), frame);
    if (fresh) {
      slot->second = std::move(part);
    } else {
      slot->second.Merge(part);
    }
    parts[key].push_back(
        {model, std::get<1>(key), std::get<2>(key), std::get<3>(key), rows.Int(0), rows.Int(5), true, {}});
  }
  rows.Reset();
  Statement remove(store.db(), "DELETE FROM step WHERE model=? AND start_ns=? AND version=? AND variant=?");
  for (const auto& [key, sum] : days) {
    for (const StoredSummary& part : parts[key])
      remove.Reset().Bind(model).Bind(part.start_ns).Bind(part.version).Bind(part.variant).Execute();
    const auto& [day, version, variant, digest] = key;
    // Two baselines within one day keep two rows: the later one starts with its first step.
    const std::int64_t start = parts[key].front().start_ns;
    store.PutStep({model, version, variant, digest, start == day ? day : start, day + kDayNs, true, sum.Encode()});
  }
}

void Delete(StateStore& store, const char* sql, const std::string& model, std::int64_t before_ns) {
  Statement(store.db(), sql).Bind(model).Bind(before_ns).Execute();
}

}  // namespace

void KeepModelHistory(StateStore& store, const std::string& model, std::int64_t now_ns, std::int64_t history_ns,
                      const std::vector<Epoch>& epochs) {
  const std::int64_t merge_before = FloorTo(SaturatingAdd(now_ns, -history_ns), kDayNs);
  const std::int64_t drop_before = SaturatingAdd(now_ns, -std::max(kKeepNs, history_ns));
  MergeSteps(store, model, merge_before, epochs);
  // Of every day the window that ended last stays.
  Statement(store.db(),
            "DELETE FROM window WHERE model=?1 AND end_ns<=?2 AND EXISTS (SELECT 1 FROM window AS later WHERE "
            "later.model=window.model AND "
            "later.version=window.version AND later.variant=window.variant AND later.end_ns>window.end_ns AND "
            "(later.end_ns-1)/86400000000000=(window.end_ns-1)/86400000000000)")
      .Bind(model)
      .Bind(merge_before)
      .Execute();
  Delete(store, "DELETE FROM step WHERE model=? AND closed=1 AND end_ns<?", model, drop_before);
  Delete(store, "DELETE FROM window WHERE model=? AND end_ns<?", model, drop_before);
  Delete(store, "DELETE FROM alert WHERE model=? AND state='resolved' AND started_ns<?", model, drop_before);
  Delete(store, "DELETE FROM retrain WHERE model=? AND requested_ns<?", model, drop_before);
}

void KeepMessages(StateStore& store, std::int64_t now_ns, std::int64_t wall_ns) {
  Statement(store.db(), "DELETE FROM outbox WHERE state=1 AND created_ns<?")
      .Bind(SaturatingAdd(wall_ns, -30 * kDayNs))
      .Execute();
  Statement(store.db(), "DELETE FROM incident WHERE open=0 AND resolved_ns<?")
      .Bind(SaturatingAdd(now_ns, -kKeepNs))
      .Execute();
}

}  // namespace monitor
