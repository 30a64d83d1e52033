#include "monitor/judge/judge.h"

#include <algorithm>

#include "baselines/profile_file.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/history_keeper.h"
#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;
constexpr double kBytesPerSecond = 2e6;
// A shard may run ahead of its model by this many panes before it is paused; it goes on below half of that.
constexpr std::size_t kPanesAhead = 512;

void PutCounts(detectors::Encoder& out, const std::map<std::pair<std::string, std::string>, std::uint64_t>& counts) {
  out.Varint(counts.size());
  for (const auto& [key, count] : counts) {
    out.Text(key.first);
    out.Text(key.second);
    out.Varint(count);
  }
}

std::map<std::pair<std::string, std::string>, std::uint64_t> GetCounts(detectors::Decoder& in) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
    std::string target(in.Text());
    std::string result(in.Text());
    counts[{std::move(target), std::move(result)}] = in.Varint();
  }
  return counts;
}

}  // namespace

Judge::Judge(StateStore& store, std::filesystem::path index, SnapshotBoard& board, Clocks clocks)
    : store_(store),
      index_(std::move(index)),
      board_(board),
      clocks_(std::move(clocks)),
      states_(store.Models()),
      desk_(store.db(), clocks_.wall()),
      circumstances_(store.db()),
      ledger_(store),
      kept_history_at_ns_(clocks_.wall()) {
  if (const std::string level = store_.Meta("sampling_level"); !level.empty())
    saved_level_ = static_cast<unsigned>(std::stoul(level));
  index_.Load(store_.Segments(), saved_level_);
  for (StoredShard& stored : store_.Shards()) {
    Shard& shard = shards_[stored.id];
    shard.start = std::move(stored.start);
    shard.lost = stored.lost;
  }
  if (const auto unknown = states_.extract(""); !unknown.empty()) {
    detectors::Decoder in(unknown.mapped());
    unknown_ = ModelCounters::Decode(in);
    unknown_labels_ = LabelCounters::Decode(in);
  }
  if (const std::string counts = store_.Meta("notifications"); !counts.empty()) {
    detectors::Decoder in(counts);
    notifications_ = GetCounts(in);
    retrains_ = GetCounts(in);
  }
  std::vector<alerts::Alert> open = store_.OpenAlerts();
  for (const alerts::Alert& alert : open) firing_[alert.id] = alert;
  book_.Restore(std::move(open), store_.OpenIncidents());
  LoadWithheld();
  board_.Publish(MakeSnapshot());
}

Judge::~Judge() = default;

bool Judge::KnowsTopic(const std::string& topic) const {
  const auto at = shards_.lower_bound({topic, INT32_MIN});
  return at != shards_.end() && at->first.topic == topic;
}

ShardStart Judge::AddShard(const ShardId& id, std::int64_t first_offset, std::int64_t end_offset) {
  const auto [slot, fresh] = shards_.try_emplace(id);
  Shard& shard = slot->second;
  if (fresh) {
    shard.start.next_offset = first_offset;
    shard.changed = true;
  }
  shard.read = true;
  shard.catch_up_to = end_offset;
  for (auto& [name, model] : models_) {
    const auto largest = shard.start.largest_event_ns.find(name);
    if (Watermark* watermark = model->WatermarkOf(id.topic)) {
      watermark->AddShard(id,
                          largest == shard.start.largest_event_ns.end() ? std::nullopt : std::optional(largest->second),
                          clocks_.steady());
    }
  }
  return shard.start;
}

void Judge::Apply(ShardDelta delta) {
  Shard& shard = shards_[delta.shard];
  shard.changed = true;
  shard.lost += delta.lost;
  NoteCircumstances(delta, shard.start.next_offset);
  shard.start.next_offset = delta.next_offset;
  shard.start.last_offset = delta.last_offset;
  shard.start.last_hash = delta.last_hash;
  const std::int64_t now = clocks_.steady();

  if (delta.gap) {
    for (auto& [name, model] : models_) {
      if (model->WatermarkOf(delta.shard.topic) != nullptr) model->state.NoteGap(delta.shard, delta.lost);
    }
  }
  std::set<std::string> came;  // models of which records came, whatever became of them
  for (const auto& [name, counters] : delta.counters) {
    came.insert(name);
    if (const auto model = models_.find(name); model != models_.end()) {
      model->second->state.AddCounters(counters);
    } else {
      unknown_.Add(counters);
      unknown_changed_ = true;
    }
  }
  for (auto& [key, pane] : delta.panes) {
    came.insert(key.model);
    Model& model = *models_.at(key.model);
    if (!model.state.Merge(key, std::move(pane))) continue;
    const auto predictions = delta.predictions.find(key);
    if (predictions == delta.predictions.end()) continue;
    model.state.AddDuplicates(model.labels.AddPredictions(key, predictions->second));
    KeepWithinBudget();
  }
  ApplyLabels(delta, now);
  for (const auto& [name, largest] : delta.largest_event_ns) {
    shard.start.largest_event_ns[name] = largest;
    const auto model = models_.find(name);
    if (model == models_.end() || !came.contains(name) ||
        model->second->state.config().requests.topic != delta.shard.topic)
      continue;
    model->second->watermark.Observe(delta.shard, largest, now);
    Close(*model->second);
  }
  if (!delta.samples.empty()) samples_.emplace_back(delta.shard, std::move(delta.samples));
}

void Judge::ApplyLabels(ShardDelta& delta, std::int64_t now) {
  for (const auto& [name, batch] : delta.labels) {
    const auto found = models_.find(name);
    if (found == models_.end()) {
      for (std::size_t reason = 0; reason < kRejects; ++reason)
        unknown_labels_.rejects[reason] += batch.rejects[reason];
      unknown_changed_ = true;
      continue;
    }
    Model& model = *found->second;
    if (model.label_watermark.all_idle())
      model.quality.NoteLabels(model.watermark.value(), model.label_watermark.value());
    model.labels.AddLabels(batch);
    KeepWithinBudget();
    if (const auto largest = delta.largest_event_ns.find(name); largest != delta.largest_event_ns.end()) {
      model.label_watermark.Observe(delta.shard, largest->second, now);
    }
    Close(model);
  }
}

bool Judge::HasLabels(const std::string& name) const {
  const auto model = models_.find(name);
  return model != models_.end() && model->second->state.config().labels.has_value();
}

LabelCounters Judge::PushLabels(const std::string& name, std::string_view lines) {
  Model& model = *models_.at(name);
  const LabelsConfig& config = *model.state.config().labels;
  auto topic = std::make_shared<TopicPlan>();
  topic->topic = kPushedTopic;
  topic->labels = true;
  topic->fields = config.fields;
  topic->models.push_back(model.state.shared_plan());
  const ShardId shard{topic->topic, 0};
  // Where labels are pushed only, these are the model's labels' watermark; else the topic's decides what is still kept.
  const bool own = config.topic.empty();
  ShardCounter counter(shard, topic, own ? AddShard(shard, 0) : ShardStart{});
  std::int64_t offset = counter.next_offset();
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    if (const std::string_view line = lines.substr(0, end); line.find_first_not_of(" \t\r") != line.npos)
      counter.Add({line, offset++, std::nullopt});
    lines.remove_prefix(std::min(lines.size(), end + 1));
    counter.EndBatch();
  }
  const LabelCounters before = model.labels.counters();
  ShardDelta delta = counter.Take();
  // A file has no order of time: whatever prediction is still kept may have its label.
  for (auto& [label_model, batch] : delta.labels) {
    for (LabelSeen& label : batch.seen) label.watermark_ns = INT64_MIN;
  }
  const auto unknown = delta.labels.find("");
  const auto strangers =
      unknown == delta.labels.end() ? std::array<std::uint64_t, kRejects>{} : unknown->second.rejects;
  if (own) {
    Apply(std::move(delta));
  } else {
    delta.largest_event_ns.clear();
    ApplyLabels(delta, clocks_.steady());
    if (!delta.samples.empty()) samples_.emplace_back(delta.shard, std::move(delta.samples));
  }
  LabelCounters moved = model.labels.counters();
  moved.joined -= before.joined;
  moved.corrected -= before.corrected;
  moved.duplicate -= before.duplicate;
  moved.unmatched -= before.unmatched;
  moved.late -= before.late;
  moved.unsampled -= before.unsampled;
  moved.waiting -= std::min(moved.waiting, before.waiting);
  for (std::size_t reason = 0; reason < kRejects; ++reason)
    moved.rejects[reason] += strangers[reason] - before.rejects[reason];
  return moved;
}

// Models without labels need their predictions for telling duplicates alone, so theirs go first; then every second id
// goes.
void Judge::KeepWithinBudget() {
  while (index_.bytes() > config_.labels_memory && index_.size() > 0) {
    bool forgot = false;
    for (auto& [name, model] : models_) {
      if (!forgot && !model->state.plan().labels) forgot = index_.ForgetOldest(model->labels.owner());
    }
    if (forgot) continue;
    index_.RaiseLevel([this](const PredictionIndex::SegmentId& segment, std::int64_t time_ns) {
      for (auto& [name, model] : models_) {
        if (model->labels.owner() == segment.owner) model->labels.NoteUnsampled(time_ns);
      }
    });
    for (auto& [name, model] : models_) model->labels.cohorts().SampleAllAt(index_.level());
  }
}

void Judge::BeginProbe() {
  for (auto& [id, shard] : shards_) shard.next_at_probe = shard.start.next_offset;
  for (auto& [name, model] : models_) {
    model->watermark.BeginProbe();
    model->label_watermark.BeginProbe();
  }
}

void Judge::EndProbe(const std::optional<std::map<ShardId, std::int64_t>>& ends) {
  std::set<ShardId> at_end;
  for (auto& [id, shard] : shards_) {
    shard.at_end = false;
    if (!ends) continue;
    const auto end = ends->find(id);
    if (end == ends->end()) continue;
    shard.end = end->second;
    shard.at_end = shard.next_at_probe >= end->second;
    if (shard.at_end) at_end.insert(id);
  }
  if (!ends) return;
  for (auto& [name, model] : models_) {
    model->watermark.EndProbe(at_end, clocks_.steady());
    model->label_watermark.EndProbe(at_end, clocks_.steady());
    Close(*model);
    if (model->watermark.all_idle()) {
      model->state.CheckSilence(model->watermark.value());
      Close(*model);
    }
    if (model->label_watermark.all_idle()) {
      for (auto& step :
           model->quality.CheckSilence(model->watermark.value(), model->label_watermark.value(), model->state.plan())) {
        Report(*model, std::move(step.observations));
      }
    }
  }
}

void Judge::Close(Model& model) {
  const std::int64_t watermark = model.watermark.value();
  if (watermark != Watermark::kNone) model.state.CloseUpTo(watermark);
  const std::int64_t labels_watermark = model.label_watermark.value();
  for (auto& step :
       model.quality.JudgeMature(model.labels.cohorts(), labels_watermark, model.state.plan(), model.state.config())) {
    Report(model, std::move(step.observations));
  }
  model.labels.Expire(watermark, labels_watermark);
  // The window of the next cohort to be judged needs those before it.
  const std::int64_t window = model.state.plan().epochs.back().window_ns;
  model.labels.cohorts().Retire(
      std::min(model.labels.final_before_ns(), SaturatingAdd(model.quality.judged_up_to_ns(), -window)));
  for (Closing& closing : model.state.TakeClosings()) Report(model, std::move(closing.observations));
}

void Judge::Report(Model& model, std::vector<alerts::Observation> observations) {
  Tell(model, book_.Observe(observations));
  TakeBookChanges();
}

void Judge::TakeBookChanges() {
  auto changes = book_.TakeChanges();
  for (alerts::Alert& alert : changes.alerts) {
    alert.url = AlertUrl(alert.id);
    firing_[alert.id] = alert;
  }
  for (const std::string& id : changes.dropped) dropped_alerts_.push_back(id), firing_.erase(id);
  for (const alerts::Incident& incident : changes.incidents) {
    if (incident.withheld) withheld_[incident.id] = incident;
  }
  std::move(changes.incidents.begin(), changes.incidents.end(), std::back_inserter(changed_incidents_));
  for (alerts::Alert& alert : changes.alerts) changed_alerts_.push_back(std::move(alert));
}

void Judge::FinishInput() {
  for (auto& [name, model] : models_) {
    model->watermark.Restore(INT64_MAX);
    if (model->label_watermark.largest_event_ns() != Watermark::kNone)
      model->label_watermark.Restore(model->label_watermark.largest_event_ns());
    Close(*model);
  }
}

void Judge::SetNotReady(std::string why) { not_ready_ = std::move(why); }

void Judge::NoteReload(bool ok, std::string error) {
  reload_ok_ = ok;
  reload_error_ = std::move(error);
}

void Judge::NoteDelivery(const alerts::OutboxRow& row) {
  const char* result = row.state == alerts::OutboxRow::State::kDelivered ? "delivered"
                       : row.state == alerts::OutboxRow::State::kDead    ? "dead"
                                                                         : "retry";
  ++(row.type == "retrain.requested" ? retrains_ : notifications_)[{row.target, result}];
  if (row.type == "retrain.requested") {
    NoteRetrainTry(row);
  } else if (row.remember) {
    desk_.Remember(row.target, row.remember->first, row.remember->second);
  }
  tried_rows_.push_back(row);
}

std::set<ShardId> Judge::ShardsAhead() const {
  std::set<ShardId> ahead;
  for (const auto& [name, model] : models_) {
    if (model->state.open_panes() < kPanesAhead) continue;
    const std::int64_t oldest = model->state.oldest_pane_ns();
    const std::int64_t limit =
        SaturatingAdd(oldest, model->state.plan().EpochAt(oldest).pane_ns * static_cast<std::int64_t>(kPanesAhead / 2));
    for (const auto& [id, shard] : shards_) {
      if (id.topic == model->state.config().requests.topic && model->watermark.ShardWatermark(id) > limit)
        ahead.insert(id);
    }
  }
  return ahead;
}

std::vector<alerts::OutboxRow> Judge::Checkpoint() {
  const std::int64_t began = clocks_.steady();
  const std::uint64_t bytes_before = store_.bytes_written();
  TellWithheld();
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
      model->state.Save(store_);
      SaveLabels(*model);
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
    if (!tried_rows_.empty()) {
      detectors::Encoder out;
      PutCounts(out, notifications_);
      PutCounts(out, retrains_);
      store_.PutMeta("notifications", out.bytes());
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

QualityFacts Judge::FactsOf(const Model& model) const {
  QualityFacts facts;
  const ModelConfig& config = model.state.config();
  facts.task = model.state.plan().task;
  facts.classes = model.labels.cohorts().classes().names();
  facts.positive = model.state.plan().positive;
  facts.window_ns = model.state.plan().epochs.back().window_ns;
  facts.labels_watermark_ns = model.label_watermark.value();
  facts.judged_up_to_ns = model.quality.judged_up_to_ns();
  facts.counters = model.labels.counters();
  if (config.labels) {
    facts.mature_age_ns = model.quality.mature_age_ns(config);
    if (config.labels->absent) {
      facts.absent_value = config.labels->absent->value;
      facts.absent_after_ns = config.labels->absent->after.count();
    }
  }
  return facts;
}

void Judge::SaveLabels(Model& model) {
  detectors::Encoder out;
  model.labels.Encode(out);
  model.quality.Encode(out);
  if (const std::string facts = FactsOf(model).ToJson();
      out.bytes() != model.saved_labels || facts != model.saved_facts) {
    model.saved_labels = out.bytes();
    model.saved_facts = facts;
    store_.PutLabels(model.name(), model.saved_labels, facts);
  }
  model.labels.cohorts().Save();
}

void Judge::KeepHistory() {
  std::int64_t newest = INT64_MIN;
  for (const auto& [name, model] : models_) newest = std::max(newest, model->state.last_event_ns());
  // Once an hour of wall time: one record from far ahead must not take away at once what somebody is looking at.
  if (newest == INT64_MIN || clocks_.wall() < kept_history_at_ns_ + kDayNs / 24) return;
  kept_history_at_ns_ = clocks_.wall();
  for (const auto& [name, model] : models_) {
    // The steps of a running window stay as they are, however short `history` is.
    const std::int64_t keep = std::max(config_.history.count(),
                                       SaturatingAdd(model->epochs.back().window_ns, model->epochs.back().window_ns));
    KeepModelHistory(store_, name, model->state.last_event_ns(), keep, model->epochs);
    circumstances_.Forget(name, model->state.last_event_ns());
  }
  KeepMessages(store_, newest, clocks_.wall());
}

}  // namespace monitor
