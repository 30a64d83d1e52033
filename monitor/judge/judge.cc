#include "monitor/judge/judge.h"

#include <algorithm>

#include "monitor/ingest/timestamp.h"
#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

// A shard may run ahead of its model by this many panes before it is paused; it goes on below half of that.
constexpr std::size_t kPanesAhead = 512;
// Cohorts stay in memory for this many times the label delay and the window, whatever becomes of their labels.
constexpr int kPatience = 3;

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
    if (!in.AtEnd()) unknown_labels_ = LabelCounters::Decode(in);  // a state of version 1 has none
  }
  if (const std::string counts = store_.Meta("notifications"); !counts.empty()) {
    detectors::Decoder in(counts);
    notifications_ = GetCounts(in);
    retrains_ = GetCounts(in);
  }
  if (const std::string ends = store_.Meta("week_ends"); !ends.empty()) {
    detectors::Decoder in(ends);
    for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
      const std::string model(in.Text());
      week_ends_[model] = in.Signed();
    }
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
    model->AddShard(id, largest == shard.start.largest_event_ns.end() ? std::nullopt : std::optional(largest->second),
                    clocks_.steady());
  }
  return shard.start;
}

LabelCounters Judge::Apply(ShardDelta delta) {
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
  for (auto& [name, model] : models_) {
    if (model->pairs == nullptr || !delta.halves.contains(name)) continue;
    came.insert(name);
    const auto largest = shard.start.largest_event_ns.find(name);
    model->pairs->Join(delta, largest == shard.start.largest_event_ns.end() ? INT64_MIN : largest->second);
  }
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
    const auto rows = delta.rows.extract(key);
    if (!model.state.Merge(key, std::move(pane), rows ? std::move(rows.mapped()) : std::vector<RecordBlock>()))
      continue;
    const auto predictions = delta.predictions.find(key);
    if (predictions == delta.predictions.end()) continue;
    model.state.AddDuplicates(key, model.labels.AddPredictions(key, predictions->second));
    KeepWithinBudget();
  }
  const LabelCounters became = ApplyLabels(delta, now);
  for (const auto& [name, largest] : delta.largest_event_ns) {
    shard.start.largest_event_ns[name] = largest;
    const auto model = models_.find(name);
    if (model == models_.end() || !came.contains(name) || !model->second->ReadsRequestsOf(delta.shard.topic)) continue;
    model->second->watermark.Observe(delta.shard, largest, now);
    Close(*model->second);
  }
  if (!delta.samples.empty()) samples_.emplace_back(delta.shard, std::move(delta.samples));
  return became;
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
  if (auto orphans = model.GiveUpHalves(); !orphans.empty())
    samples_.emplace_back(ShardId{model.state.config().requests.topic, 0}, std::move(orphans));
  if (watermark != Watermark::kNone) model.state.CloseUpTo(watermark);
  const std::int64_t labels_watermark = model.label_watermark.value();
  for (auto& step : model.quality.JudgeMature(model.labels.cohorts(), watermark, labels_watermark, model.state.plan(),
                                              model.state.config(), model.state.budget())) {
    Report(model, std::move(step.observations));
  }
  model.labels.Expire(watermark, labels_watermark);
  // The window of the next cohort to be judged needs those before it. Where labels stay away though all there are have
  // been read, cohorts leave memory all the same: one that gets a label after all is read again.
  const ModelPlan& plan = model.state.plan();
  const std::int64_t window = plan.epochs.back().window_ns;
  std::int64_t given_up = model.label_watermark.all_idle() ? watermark : INT64_MIN;
  for (int times = 0; times < kPatience; ++times)
    given_up = SaturatingAdd(given_up, -SaturatingAdd(plan.max_delay_ns, window));
  model.labels.cohorts().Retire(std::max(
      given_up, std::min(model.labels.final_before_ns(), SaturatingAdd(model.quality.judged_up_to_ns(), -window))));
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

void Judge::NoteReload(bool ok, std::string error, AuditEntry why, AnswerAction committed) {
  why.time_ns = clocks_.wall();
  if (!ok) why.comment += (why.comment.empty() ? "refused: " : "; refused: ") + error;
  desk_.Note(std::move(why));
  desk_.AnswerLater(std::move(committed), {});
  next_checkpoint_ns_ = clocks_.steady();
  reload_ok_ = ok;
  reload_error_ = std::move(error);
}

void Judge::NoteDelivery(const alerts::OutboxRow& row) {
  const char* result = row.state == alerts::OutboxRow::State::kDelivered ? "delivered"
                       : row.state == alerts::OutboxRow::State::kDead    ? "dead"
                                                                         : "retry";
  ++(row.type == "retrain.requested" ? retrains_ : notifications_)[{row.target, result}];
  counts_changed_ = true;
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
    // Halves that are far ahead wait for those that are behind.
    const bool halves = model->pairs != nullptr && model->pairs->nearly_full();
    if (model->state.open_panes() < kPanesAhead && !halves) continue;
    const std::int64_t oldest = halves ? model->watermark.value() : model->state.oldest_pane_ns();
    const std::int64_t panes = halves ? 1 : static_cast<std::int64_t>(kPanesAhead / 2);
    const std::int64_t limit = SaturatingAdd(oldest, model->state.plan().EpochAt(oldest).pane_ns * panes);
    for (const auto& [id, shard] : shards_) {
      if (model->ReadsRequestsOf(id.topic) && model->watermark.ShardWatermark(id) > limit) ahead.insert(id);
    }
  }
  return ahead;
}

}  // namespace monitor
