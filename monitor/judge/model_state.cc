#include "monitor/judge/model_state.h"

#include <algorithm>

#include "alerts/time_text.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/evaluation.h"
#include "monitor/judge/wording.h"

namespace monitor {
namespace {

constexpr std::uint8_t kStateVersion = 1;
constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kWeekNs = 7 * kDayNs;
constexpr double kSilentRecords = 80;  // records that should have come before silence is a finding

}  // namespace

ModelState::ModelState(std::shared_ptr<const ModelPlan> plan, ModelConfig config, detectors::AlarmBudget budget)
    : plan_(std::move(plan)), config_(std::move(config)), budget_(budget) {}

void ModelState::SetPlan(std::shared_ptr<const ModelPlan> plan, ModelConfig config, detectors::AlarmBudget budget) {
  plan_ = std::move(plan);
  config_ = std::move(config);
  budget_ = budget;
}

bool ModelState::Merge(const PaneKey& key, PaneSummary pane) {
  changed_ = true;
  const std::int64_t end = SaturatingAdd(key.start_ns, plan_->EpochAt(key.start_ns).pane_ns);
  if (end <= closed_up_to_) {
    counters_.late += pane.records;
    return false;
  }
  counters_.counted += pane.records;
  counters_.extra += pane.extra;
  const Variant variant{key.version, key.variant};
  VersionState& version = versions_[variant];
  version.counted += pane.records;
  version.last_seen_ns = std::max(version.last_seen_ns, pane.last_event_ns);
  const std::pair at{key.start_ns, variant};
  changed_panes_.insert(at);
  const auto [slot, fresh] = panes_.try_emplace(at);
  if (fresh) {
    slot->second = std::move(pane);
  } else {
    slot->second.Merge(pane);
  }
  return true;
}

void ModelState::AddCounters(const ModelCounters& counters) {
  counters_.Add(counters);
  changed_ = true;
}

void ModelState::NoteGap(const ShardId& shard, std::uint64_t lost) {
  const std::string name = shard.topic + "/" + std::to_string(shard.partition);
  alerts::Observation gap;
  gap.model = plan_->name;
  gap.monitor = "log_gap:" + name;
  gap.cause = alerts::Cause::kBrokenPipeline;
  gap.severity = alerts::Severity::kCritical;
  gap.verdict = alerts::Observation::Verdict::kViolated;
  gap.step_start_ns = gap.step_end_ns = gap.began_at_ns = last_event_ns_;
  gap.value = static_cast<double>(lost);
  gap.count = lost;
  gap.summary = "records of " + name + " are gone: " +
                (lost > 0 ? Thousands(lost) + " were deleted from the log before they were read"
                          : std::string("the topic was recreated or cut")) +
                "; counts since " + alerts::FormatTimeForPeople(last_event_ns_) + " are not complete";
  gaps_.insert(gap.monitor);
  changed_ = true;
  closings_.push_back({last_event_ns_, {std::move(gap)}});
}

void ModelState::CloseUpTo(std::int64_t watermark_ns) {
  if (watermark_ns <= closed_up_to_) return;
  while (true) {
    const std::int64_t pane_end = panes_.empty() ? INT64_MAX
                                                 : SaturatingAdd(panes_.begin()->first.first,
                                                                 plan_->EpochAt(panes_.begin()->first.first).pane_ns);
    const std::int64_t step_end = steps_.empty() ? INT64_MAX : steps_.begin()->second.begin()->second.end_ns;
    const std::int64_t next = std::min(pane_end, step_end);
    if (next > watermark_ns || (panes_.empty() && steps_.empty())) break;
    if (pane_end <= step_end) {
      ClosePane();
    } else {
      CloseStep();
    }
    changed_ = true;
  }
  // Not a change by itself: while all is quiet the watermark moves with the wall clock, and an idle daemon must not
  // write.
  closed_up_to_ = watermark_ns;
}

void ModelState::ClosePane() {
  const std::int64_t start = panes_.begin()->first.first;
  const Epoch& epoch = plan_->EpochAt(start);
  const std::int64_t end = SaturatingAdd(start, epoch.pane_ns);
  Closing closing{end, {}};

  if (silent_since_ns_ != 0) {
    alerts::Observation back;
    back.model = plan_->name;
    back.monitor = "no_data";
    back.cause = alerts::Cause::kNoData;
    back.step_start_ns = start;
    back.step_end_ns = end;
    back.summary = "records come again";
    closing.observations.push_back(std::move(back));
    silent_since_ns_ = 0;
  }
  if (first_event_ns_ == 0) first_event_ns_ = start;
  if (last_event_ns_ != 0 && start > last_event_ns_)
    longest_gap_ns_ = std::max(longest_gap_ns_, start - last_event_ns_);

  std::vector<const Frame*> frames;
  for (auto at = panes_.begin(); at != panes_.end() && at->first.first == start; ++at)
    frames.push_back(at->second.frame.get());
  const ColumnShares shares(frames, {});
  const auto fire_nats = [&](const std::string& column) {
    return GrossFaultNats(budget_, epoch.pane_ns, shares.Of(column), frames.size());
  };
  while (!panes_.empty() && panes_.begin()->first.first == start) {
    const auto at = panes_.begin();
    const Variant variant = at->first.second;
    PaneSummary& pane = at->second;
    last_event_ns_ = std::max(last_event_ns_, pane.last_event_ns);
    faults_[variant.second].AddPane({plan_->name, start, variant.first, variant.second}, end, pane, fire_nats,
                                    closing.observations);

    const std::int64_t step_start = FloorTo(start, epoch.step_ns);
    auto& step = steps_[step_start];
    const auto [slot, fresh] = step.try_emplace(variant);
    if (fresh) {
      slot->second.end_ns = SaturatingAdd(step_start, epoch.step_ns);
      slot->second.sum = std::move(pane);
    } else {
      slot->second.sum.Merge(pane);
    }
    slot->second.changed = true;
    dropped_panes_.insert(at->first);
    changed_panes_.erase(at->first);
    panes_.erase(at);
  }
  closings_.push_back(std::move(closing));
}

void ModelState::CloseStep() {
  auto [start, variants] = std::move(*steps_.begin());
  steps_.erase(steps_.begin());
  Closing closing{variants.begin()->second.end_ns, {}};
  window_features_.clear();
  for (const std::string& monitor : std::exchange(gaps_, {})) {
    alerts::Observation over;
    over.model = plan_->name;
    over.monitor = monitor;
    over.cause = alerts::Cause::kBrokenPipeline;
    over.step_start_ns = start;
    over.step_end_ns = closing.end_ns;
    over.summary = "no further records were lost";
    closing.observations.push_back(std::move(over));
  }
  std::set<std::string> names;
  for (const auto& [variant, step] : variants) names.insert(variant.second);
  for (const std::string& name : names) CloseVariant(name, start, variants, names.size(), closing.observations);
  closings_.push_back(std::move(closing));
}

void ModelState::CloseVariant(const std::string& name, std::int64_t start_ns, Variants& variants, std::size_t sharers,
                              std::vector<alerts::Observation>& out) {
  std::vector<const PaneSummary*> counts;
  std::int64_t covered = INT64_MAX;
  for (const auto& [variant, step] : variants) {
    if (variant.second != name) continue;
    counts.push_back(&step.sum);
    covered = std::min(covered, Covered(variant, start_ns, step.end_ns, step.sum.frame->profile().digest));
  }
  const Epoch& epoch = plan_->EpochAt(start_ns);
  const auto faults = faults_.find(name);
  const GrossFaults* const of_variant = faults == faults_.end() ? nullptr : &faults->second;
  AddVolume(name, start_ns, variants, sharers, out);
  EvidenceBook& evidence = evidence_[name];
  evidence.AddStep({{budget_, config_.min_effect},
                    start_ns,
                    epoch.step_ns,
                    sharers,
                    covered < std::min(epoch.window_ns, kWeekNs),
                    counts,
                    of_variant});

  std::vector<ClosedWindow> windows;
  EvidenceBook::WindowEffects effects;
  for (auto& [variant, step] : variants) {
    if (variant.second != name) continue;
    windows.push_back(FillWindow(variant, start_ns, std::move(step)));
    AddWindowEffects(windows.back().sum, windows.back().distances, effects);
  }
  evidence.Settle(effects);
  changed_evidence_.insert(name);
  for (ClosedWindow& window : windows) {
    WindowResult result =
        EvaluateWindow({config_, window.variant.first, name, window.start_ns, window.end_ns, start_ns, window.partial,
                        window.too_short, window.sum, window.distances, of_variant, evidence});
    finished_windows_.push_back(
        {plan_->name, window.variant.first, name, window.start_ns, window.end_ns, std::move(result.json)});
    window_count_ = (window_end_ns_ == window.end_ns ? window_count_ : 0) + window.sum.records;
    window_start_ns_ = window.start_ns;
    window_end_ns_ = window.end_ns;
    window_features_[window.variant] = std::move(result.features);
    std::move(result.observations.begin(), result.observations.end(), std::back_inserter(out));
  }
}

void ModelState::AddVolume(const std::string& name, std::int64_t start_ns, const Variants& variants,
                           std::size_t sharers, std::vector<alerts::Observation>& out) {
  std::uint64_t records = 0;
  std::string newest;  // version
  for (const auto& [variant, step] : variants) {
    if (variant.second != name) continue;
    records += step.sum.records;
    newest = variant.first;
  }
  const std::int64_t step_ns = plan_->EpochAt(start_ns).step_ns;
  VolumeMonitor& volume = volumes_[name];
  volume.AddStep({start_ns, step_ns, records, budget_.Threshold(step_ns, kVolumeShare) * static_cast<double>(sharers)});
  auto found = volume.Finding();
  if (!found) return;
  found->model = plan_->name;
  found->version = newest;
  found->variant = name;
  out.push_back(*std::move(found));
}

// From the oldest step on the same baseline that the running window still holds.
std::int64_t ModelState::Covered(const Variant& variant, std::int64_t start_ns, std::int64_t end_ns,
                                 const std::string& digest) const {
  const std::int64_t window_start = SaturatingAdd(end_ns, -plan_->EpochAt(start_ns).window_ns);
  std::int64_t first = start_ns;
  if (const auto recent = closed_steps_.find(variant); recent != closed_steps_.end()) {
    for (const ClosedStep& closed : recent->second) {
      if (closed.start_ns >= window_start && closed.digest == digest) first = std::min(first, closed.start_ns);
    }
  }
  return end_ns - std::max(window_start, first);
}

ModelState::ClosedWindow ModelState::FillWindow(const Variant& variant, std::int64_t start_ns, Step step) {
  const Epoch& epoch = plan_->EpochAt(start_ns);
  const std::string digest = step.sum.frame->profile().digest;
  ClosedWindow window{
      variant, SaturatingAdd(step.end_ns, -epoch.window_ns), step.end_ns, false, false, std::move(step.sum), {}};
  window.too_short = Covered(variant, start_ns, step.end_ns, digest) < std::min(epoch.window_ns, kWeekNs);
  auto& recent = closed_steps_[variant];
  recent.push_back({start_ns, digest, window.sum.Encode()});
  while (recent.front().start_ns < window.start_ns) recent.pop_front();
  finished_steps_.push_back(
      {plan_->name, variant.first, variant.second, digest, start_ns, step.end_ns, true, recent.back().bytes});

  std::int64_t steps = 1;
  for (const ClosedStep& closed : recent) {
    if (closed.start_ns == start_ns || closed.digest != digest) continue;
    window.sum.Merge(PaneSummary::Decode(closed.bytes, window.sum.frame));
    ++steps;
  }
  window.partial = steps < epoch.window_ns / epoch.step_ns;
  for (std::size_t i = 0; i < window.sum.columns.size(); ++i) {
    window.distances.push_back(detectors::Compare(window.sum.frame->column(i).summary, window.sum.columns[i]));
  }
  return window;
}

void ModelState::CheckSilence(std::int64_t watermark_ns) {
  if (last_event_ns_ == 0 || silent_since_ns_ != 0 || !panes_.empty()) return;
  const std::int64_t silence = watermark_ns - last_event_ns_;
  const std::int64_t history = last_event_ns_ - first_event_ns_;
  const Epoch& epoch = plan_->EpochAt(last_event_ns_);
  // Without a day of history nothing is known about nights: a whole step, at least a day, must pass.
  const std::int64_t patience = history < kDayNs
                                    ? std::max(epoch.step_ns, kDayNs)
                                    : std::max(epoch.pane_ns, SaturatingAdd(longest_gap_ns_, longest_gap_ns_));
  const double expected =
      history > 0 ? static_cast<double>(counters_.counted) * static_cast<double>(silence) / static_cast<double>(history)
                  : kSilentRecords;
  if (silence < patience || expected < kSilentRecords) return;

  alerts::Observation observation;
  observation.model = plan_->name;
  observation.monitor = "no_data";
  observation.cause = alerts::Cause::kNoData;
  observation.severity = alerts::Severity::kCritical;
  observation.verdict = alerts::Observation::Verdict::kViolated;
  observation.step_start_ns = FloorTo(last_event_ns_, epoch.pane_ns);
  observation.step_end_ns = watermark_ns;
  observation.began_at_ns = last_event_ns_;
  observation.value = 0;
  observation.baseline = expected;
  observation.summary = "no records since " + alerts::FormatTimeForPeople(last_event_ns_) + ", for " +
                        alerts::FormatDuration(silence) + "; at the rate so far about " +
                        Thousands(static_cast<std::uint64_t>(expected)) +
                        " would have come, and the longest pause before was " + alerts::FormatDuration(longest_gap_ns_);
  silent_since_ns_ = last_event_ns_;
  changed_ = true;
  closings_.push_back({watermark_ns, {std::move(observation)}});
}

std::string ModelState::EncodeState() const {
  detectors::Encoder out;
  out.Byte(kStateVersion);
  counters_.Encode(out);
  out.Signed(closed_up_to_);
  for (const std::int64_t ns :
       {first_event_ns_, last_event_ns_, longest_gap_ns_, silent_since_ns_, window_start_ns_, window_end_ns_})
    out.Signed(ns);
  out.Varint(window_count_);
  out.Varint(gaps_.size());
  for (const std::string& monitor : gaps_) out.Text(monitor);
  out.Varint(versions_.size());
  for (const auto& [variant, version] : versions_) {
    out.Text(variant.first);
    out.Text(variant.second);
    out.Varint(version.counted);
    out.Signed(version.last_seen_ns);
  }
  out.Varint(faults_.size());
  for (const auto& [variant, faults] : faults_) {
    out.Text(variant);
    faults.Encode(out);
  }
  return out.Take();
}

void ModelState::Save(StateStore& store) {
  for (const auto& [start, variant] : dropped_panes_) store.DropPane(plan_->name, start, variant.first, variant.second);
  for (const auto& at : changed_panes_) {
    const PaneSummary& pane = panes_.at(at);
    store.PutPane({plan_->name, at.second.first, at.second.second, pane.frame->profile().digest, at.first, 0, false,
                   pane.Encode()});
  }
  for (auto& [start, variants] : steps_) {
    for (auto& [variant, step] : variants) {
      if (!std::exchange(step.changed, false)) continue;
      store.PutStep({plan_->name, variant.first, variant.second, step.sum.frame->profile().digest, start, step.end_ns,
                     false, step.sum.Encode()});
    }
  }
  for (const StoredSummary& step : finished_steps_) store.PutStep(step);
  for (const StoredWindow& window : finished_windows_) store.PutWindow(window);
  for (const std::string& variant : changed_evidence_) {
    detectors::Encoder out;
    evidence_.at(variant).Encode(out);
    volumes_[variant].Encode(out);
    store.PutEvidence(plan_->name, variant, out.Take());
  }
  changed_evidence_.clear();
  if (changed_) store.PutModel(plan_->name, EncodeState());
  changed_ = false;
  changed_panes_.clear();
  dropped_panes_.clear();
  finished_steps_.clear();
  finished_windows_.clear();
}

void ModelState::Load(StateStore& store, const std::string& state) {
  detectors::Decoder in(state);
  in.Version(kStateVersion, "model state");
  counters_ = ModelCounters::Decode(in);
  closed_up_to_ = in.Signed();
  for (std::int64_t* ns :
       {&first_event_ns_, &last_event_ns_, &longest_gap_ns_, &silent_since_ns_, &window_start_ns_, &window_end_ns_})
    *ns = in.Signed();
  window_count_ = in.Varint();
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) gaps_.emplace(in.Text());
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
    Variant variant;
    variant.first = in.Text();
    variant.second = in.Text();
    VersionState& version = versions_[variant];
    version.counted = in.Varint();
    version.last_seen_ns = in.Signed();
  }
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
    const std::string variant(in.Text());
    faults_.emplace(variant, GrossFaults::Decode(in));
  }

  for (const auto& [variant, bytes] : store.Evidence(plan_->name)) {
    detectors::Decoder evidence(bytes);
    evidence_.emplace(variant, EvidenceBook::Decode(evidence));
    // States before the volume was watched end here.
    volumes_.emplace(variant, evidence.AtEnd() ? VolumeMonitor{} : VolumeMonitor::Decode(evidence));
  }

  const auto frame_at = [this](std::int64_t ns, const std::string& version) {
    return plan_->EpochAt(ns).FrameOf(version);
  };
  for (const StoredSummary& pane : store.Panes(plan_->name)) {
    panes_.emplace(std::pair{pane.start_ns, Variant{pane.version, pane.variant}},
                   PaneSummary::Decode(pane.bytes, frame_at(pane.start_ns, pane.version)));
  }
  const std::int64_t newest = std::max(closed_up_to_, last_event_ns_);
  for (const StoredSummary& step :
       store.Steps(plan_->name, SaturatingAdd(newest, -2 * plan_->EpochAt(newest).window_ns))) {
    const Variant variant{step.version, step.variant};
    if (step.closed) {
      closed_steps_[variant].push_back({step.start_ns, step.digest, step.bytes});
    } else {
      steps_[step.start_ns][variant] = {step.end_ns,
                                        PaneSummary::Decode(step.bytes, frame_at(step.start_ns, step.version)), false};
    }
  }
  changed_ = false;
}

ModelSnapshot ModelState::Snapshot() const {
  ModelSnapshot snapshot;
  snapshot.name = plan_->name;
  snapshot.counters = counters_;
  snapshot.watermark_ns = closed_up_to_ == INT64_MIN ? 0 : closed_up_to_;
  snapshot.window_start_ns = window_start_ns_;
  snapshot.window_end_ns = window_end_ns_;
  snapshot.window_count = window_count_;
  for (const auto& [variant, version] : versions_) {
    const baselines::Profile& profile = plan_->EpochAt(version.last_seen_ns).FrameOf(variant.first)->profile();
    snapshot.versions.push_back({variant.first, variant.second, profile.version, profile.digest, profile.rows,
                                 version.counted, version.last_seen_ns});
  }
  std::size_t learnt = 0;
  for (const auto& [variant, book] : evidence_) learnt = std::max(learnt, book.learnt_steps());
  if (constexpr std::size_t kSteps = detectors::DesignEffect::kBlockSteps; !evidence_.empty() && learnt < kSteps) {
    const std::int64_t left = static_cast<std::int64_t>(kSteps - learnt) * plan_->EpochAt(window_end_ns_).step_ns;
    snapshot.calibrating = {learnt, kSteps, SaturatingAdd(window_end_ns_, left)};
  }
  for (const auto& [variant, features] : window_features_)
    snapshot.features.insert(snapshot.features.end(), features.begin(), features.end());
  return snapshot;
}

}  // namespace monitor
