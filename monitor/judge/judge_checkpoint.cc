// Checkpoint: everything that has changed is committed at once, then shown and sent.
#include <algorithm>

#include "baselines/profile_file.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/history_keeper.h"
#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr double kBytesPerSecond = 1.25e6;  // of rows; with SQLite's pages and log that is 2 MB/s written

void PutCounts(detectors::Encoder& out, const std::map<std::pair<std::string, std::string>, std::uint64_t>& counts) {
  out.Varint(counts.size());
  for (const auto& [key, count] : counts) {
    out.Text(key.first);
    out.Text(key.second);
    out.Varint(count);
  }
}

}  // namespace

std::vector<alerts::OutboxRow> Judge::Checkpoint() {
  const std::int64_t began = clocks_.steady();
  const std::uint64_t bytes_before = store_.bytes_written();
  TellWithheld();
  TellWeek();
  Remind();
  FollowRetrains();
  if (index_.level() > 0 && index_.bytes() < config_.labels_memory / 4) index_.LowerLevel();
  const PredictionIndex::Changes segments = index_.Flush();

  store_.Begin();
  try {
    for (auto& [id, shard] : shards_) {
      if (std::exchange(shard.changed, false)) store_.PutShard({id, shard.start, shard.lost});
    }
    for (const NewEpoch& epoch : new_epochs_) {
      for (const auto& profile : epoch.profiles) store_.PutProfile(profile->digest, baselines::ProfileToJson(*profile));
      store_.PutEpoch(epoch.model, epoch.epoch);
    }
    for (auto& [name, model] : models_) {
      model->state.Save();
      SaveLabels(*model);
      if (model->pairs != nullptr) model->pairs->Save();
    }
    for (const auto& [file, length] : segments.lengths) store_.PutSegment(file, length);
    for (const std::string& file : segments.dropped) store_.DropSegment(file);
    if (std::exchange(saved_level_, index_.level()) != index_.level())
      store_.PutMeta("sampling_level", std::to_string(index_.level()));
    if (std::exchange(unknown_changed_, false)) {
      detectors::Encoder out;
      unknown_.Encode(out);
      unknown_labels_.Encode(out);
      store_.PutModel("", out.bytes());
    }
    for (const alerts::Alert& alert : changed_alerts_) store_.PutAlert(alert);
    for (const std::string& id : dropped_alerts_) store_.DropAlert(id);
    for (const alerts::Incident& incident : changed_incidents_) store_.PutIncident(incident);
    for (const alerts::OutboxRow& row : new_rows_) store_.PutOutbox(row);
    for (const alerts::OutboxRow& row : tried_rows_) store_.PutOutbox(row);
    ledger_.Save(store_);
    for (const auto& [shard, samples] : samples_) store_.PutRejects(shard, samples);
    if (std::exchange(counts_changed_, false)) {
      detectors::Encoder out;
      PutCounts(out, notifications_);
      PutCounts(out, retrains_);
      store_.PutMeta("notifications", out.bytes());
    }
    if (std::exchange(week_ends_changed_, false)) {
      detectors::Encoder out;
      out.Varint(week_ends_.size());
      for (const auto& [model, end_ns] : week_ends_) {
        out.Text(model);
        out.Signed(end_ns);
      }
      store_.PutMeta("week_ends", out.bytes());
    }
    desk_.Save(clocks_.wall());
    circumstances_.Save();
    KeepHistory();
    store_.Commit();
  } catch (...) {
    store_.Rollback();
    throw;
  }
  index_.RemoveDropped();

  for (const alerts::Alert& alert : changed_alerts_) {
    if (alert.state == alerts::State::kResolved) firing_.erase(alert.id);
  }
  new_epochs_.clear();
  changed_alerts_.clear();
  dropped_alerts_.clear();
  changed_incidents_.clear();
  samples_.clear();
  tried_rows_.clear();

  const std::int64_t now = clocks_.steady();
  const double seconds = static_cast<double>(now - began) / 1e9;
  ++checkpoints_;
  checkpoint_seconds_ += seconds;
  for (std::size_t i = 0; i < kCheckpointBounds.size(); ++i)
    checkpoint_buckets_[i] += seconds <= kCheckpointBounds[i] ? 1 : 0;
  const double wanted = static_cast<double>(store_.bytes_written() - bytes_before) / kBytesPerSecond;
  next_checkpoint_ns_ = began + static_cast<std::int64_t>(std::clamp(wanted, 1.0, 10.0) * 1e9);
  board_.Publish(MakeSnapshot());
  desk_.AnswerAll();
  std::vector<alerts::OutboxRow> rows = std::exchange(new_rows_, {});
  std::erase_if(rows, [](const alerts::OutboxRow& row) { return row.state == alerts::OutboxRow::State::kHeld; });
  return rows;
}

void Judge::KeepHistory() {
  std::int64_t newest = INT64_MIN;
  for (const auto& [name, model] : models_) newest = std::max(newest, model->state.last_event_ns());
  // Once an hour of wall time: one record from far ahead must not take away at once what somebody is looking at.
  if (newest == INT64_MIN || clocks_.wall() < kept_history_at_ns_ + kHourNs) return;
  kept_history_at_ns_ = clocks_.wall();
  for (const auto& [name, model] : models_) {
    // The steps of a running window stay as they are, however short `history` is and however far shards lag behind the
    // newest event, also those of a plan before a reload until it has closed its last step.
    const std::int64_t newest_event = model->state.last_event_ns(), watermark = model->watermark.value();
    if (watermark == Watermark::kNone) continue;
    const std::int64_t behind = newest_event - std::min(watermark, newest_event);
    std::int64_t keep = config_.history.count();
    for (std::size_t i = 0; i < model->epochs.size(); ++i) {
      if (i + 1 < model->epochs.size() && model->epochs[i + 1].from_ns <= watermark) continue;
      const std::int64_t window_ns = model->epochs[i].window_ns;
      keep = std::max(keep, SaturatingAdd(behind, SaturatingAdd(window_ns, window_ns)));
    }
    KeepModelHistory(store_, name, newest_event, keep, model->epochs);
    circumstances_.Forget(name, newest_event);
  }
  KeepMessages(store_, newest, clocks_.wall());
}

}  // namespace monitor
