#include "monitor/judge/model_state.h"

#include <algorithm>

#include "alerts/messages/time_text.h"
#include "baselines/complete.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/windows/evaluation.h"

namespace monitor {
namespace {

constexpr std::int64_t kWeekNs = 7LL * 86'400'000'000'000;

// Of the baseline before live traffic completed it: what its features are judged by is the same after that.
const std::string& BaseDigestOf(const ModelPlan& plan, const std::string& digest) {
  for (const Epoch& epoch : plan.epochs) {
    for (const auto& [version, frame] : epoch.by_version) {
      if (frame->profile().digest == digest) return baselines::BaseDigestOf(frame->profile());
    }
  }
  return digest;
}

}  // namespace

ModelState::ModelState(StateStore& store, std::shared_ptr<const ModelPlan> plan, ModelConfig config,
                       detectors::AlarmBudget budget)
    : store_(store), plan_(std::move(plan)), config_(std::move(config)), budget_(budget) {}

void ModelState::SetPlan(std::shared_ptr<const ModelPlan> plan, ModelConfig config, detectors::AlarmBudget budget) {
  plan_ = std::move(plan);
  config_ = std::move(config);
  budget_ = budget;
}

bool ModelState::Merge(const PaneKey& key, PaneSummary pane, std::vector<RecordBlock> rows) {
  changed_ = true;
  const std::int64_t end = SaturatingAdd(key.start_ns, plan_->EpochAt(key.start_ns).pane_ns);
  if (end <= closed_up_to_) {
    counters_.late += pane.records;
    return false;
  }
  // What only tells of displaced records makes no pane of its own.
  if (pane.records == 0 && !panes_.contains({key.start_ns, {key.version, key.variant}})) return false;
  counters_.counted += pane.records;
  counters_.extra += pane.extra;
  const Variant variant{key.version, key.variant};
  VersionState& version = versions_[variant];
  version.counted += pane.records;
  version.last_seen_ns = std::max(version.last_seen_ns, pane.last_event_ns);
  const std::pair at{key.start_ns, variant};
  changed_panes_.insert(at);
  OpenPane& open = panes_[at];
  open.Merge(std::move(pane), std::move(rows));
  if (open.totals().late + open.totals().future > 0) {
    Closing closing{end, {}};
    record_faults_[key.variant].LookAt(key, end, open.totals(), closing.observations);
    if (!closing.observations.empty()) closings_.push_back(std::move(closing));
  }
  return true;
}

void ModelState::AddDuplicates(const PaneKey& key, std::uint64_t count) {
  if (count == 0) return;
  counters_.duplicates += count;
  panes_.at({key.start_ns, {key.version, key.variant}}).AddDuplicates(count);
  changed_ = true;
}

void ModelState::AddCounters(const ModelCounters& counters) {
  counters_.Add(counters);
  changed_ = true;
}

void ModelState::CloseUpTo(std::int64_t watermark_ns) {
  if (watermark_ns <= closed_up_to_) return;
  bool stepped = false;
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
      stepped = true;
    }
    changed_ = true;
  }
  // Of all models at once the plans would take more than all else; steps of a backlog share them up to here.
  if (stepped) {
    for (auto& [variant, evidence] : evidence_) evidence.ReleasePlans();
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
    frames.push_back(at->second.totals().frame.get());
  const ColumnShares shares(frames, config_.importances);
  const auto fire_nats = [&](const std::string& column) {
    return GrossFaultNats(budget_, epoch.pane_ns, shares.Of(column), frames.size());
  };
  while (!panes_.empty() && panes_.begin()->first.first == start) {
    const auto at = panes_.begin();
    const Variant variant = at->first.second;
    PaneSummary pane = std::move(at->second).Close();
    last_event_ns_ = std::max(last_event_ns_, pane.last_event_ns);
    faults_[variant.second].AddPane({plan_->name, start, variant.first, variant.second}, end, pane, fire_nats,
                                    closing.observations);
    record_faults_[variant.second].AddPane({plan_->name, start, variant.first, variant.second}, end, pane,
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
  window_counts_.clear();
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
    covered =
        std::min(covered, Covered(variant, start_ns, step.end_ns, baselines::BaseDigestOf(step.sum.frame->profile())));
  }
  const Epoch& epoch = plan_->EpochAt(start_ns);
  const auto faults = faults_.find(name);
  const GrossFaults* const of_variant = faults == faults_.end() ? nullptr : &faults->second;
  const bool learn_only = covered < std::min(epoch.window_ns, kWeekNs);
  AddVolume(name, start_ns, variants, sharers, out);
  EvidenceBook& evidence = evidence_[name];
  evidence.AddStep({{budget_, config_.min_effect, config_.importances},
                    start_ns,
                    epoch.step_ns,
                    sharers,
                    std::min(epoch.window_ns, kWeekNs),
                    learn_only,
                    counts,
                    of_variant});

  const auto joint_input = [&](double share) {
    return CorrelationMonitor::Input{
        start_ns,           counts,
        config_.min_effect, budget_.Threshold(epoch.step_ns, share) * static_cast<double>(sharers),
        learn_only,         of_variant};
  };
  CorrelationMonitor& correlations = correlations_[name];
  correlations.AddStep(joint_input(kCorrelationShare));
  PcaMonitor& components = components_[name];
  components.AddStep(joint_input(kPcaShare));

  std::vector<ClosedWindow> windows;
  EvidenceBook::WindowEffects effects;
  std::optional<CorrelationMonitor::Change> correlation;  // the largest of all versions
  std::optional<PcaMonitor::Change> residual;             // likewise
  for (auto& [variant, step] : variants) {
    if (variant.second != name) continue;
    windows.push_back(FillWindow(variant, start_ns, std::move(step), evidence));
    AddWindowEffects(windows.back().sum, windows.back().distances, evidence, effects);
    const auto& change = windows.back().correlation = correlations.Of(windows.back().sum);
    if (change && (!correlation || change->high() > correlation->high())) correlation = change;
    const auto& of_window = windows.back().residual = components.Of(windows.back().sum);
    if (of_window && (!residual || of_window->effect > residual->effect)) residual = of_window;
  }
  evidence.Settle(effects);
  correlations.Settle(correlation);
  components.Settle(residual);
  changed_evidence_.insert(name);
  for (ClosedWindow& window : windows) {
    WindowResult result =
        EvaluateWindow({config_, window.variant.first, name, window.start_ns, window.end_ns, start_ns, window.partial,
                        window.too_short, window.sum, window.distances, of_variant, evidence, correlations,
                        window.correlation, components, window.residual, window.since});
    finished_windows_.push_back(
        {plan_->name, window.variant.first, name, window.start_ns, window.end_ns, std::move(result.json)});
    window_count_ = (window_end_ns_ == window.end_ns ? window_count_ : 0) + window.sum.records;
    window_start_ns_ = window.start_ns;
    window_end_ns_ = window.end_ns;
    window_features_[window.variant] = std::move(result.features);
    window_counts_[window.variant] = window.sum.records;
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

// From the oldest step on the same baseline, or on what completes it, that the running window still holds.
std::int64_t ModelState::Covered(const Variant& variant, std::int64_t start_ns, std::int64_t end_ns,
                                 const std::string& digest) const {
  const std::int64_t window_start = SaturatingAdd(end_ns, -plan_->EpochAt(start_ns).window_ns);
  std::int64_t first = start_ns;
  if (const auto recent = closed_steps_.find(variant); recent != closed_steps_.end()) {
    for (const ClosedStep& closed : recent->second) {
      if (closed.start_ns >= window_start && (closed.digest == digest || BaseDigestOf(*plan_, closed.digest) == digest))
        first = std::min(first, closed.start_ns);
    }
  }
  return end_ns - std::max(window_start, first);
}

ModelState::ClosedWindow ModelState::FillWindow(const Variant& variant, std::int64_t start_ns, Step step,
                                                const EvidenceBook& evidence) {
  const Epoch& epoch = plan_->EpochAt(start_ns);
  const std::string digest = step.sum.frame->profile().digest;
  ClosedWindow window{
      variant, SaturatingAdd(step.end_ns, -epoch.window_ns), step.end_ns, false, false, std::move(step.sum), {}, {}};
  window.too_short = Covered(variant, start_ns, step.end_ns, digest) < std::min(epoch.window_ns, kWeekNs);
  auto& recent = closed_steps_[variant];
  recent.push_back({start_ns, digest});
  while (recent.front().start_ns < window.start_ns) recent.pop_front();
  finished_steps_.push_back(
      {plan_->name, variant.first, variant.second, digest, start_ns, step.end_ns, true, window.sum.Encode()});

  std::map<std::size_t, std::int64_t> began;
  for (std::size_t i = 0; i < window.sum.columns.size(); ++i) {
    const auto finding = evidence.Of(window.sum.frame->column(i).name, Quantity::kDistribution);
    if (!finding || !finding->firing) continue;
    began[i] = finding->began_ns;
    window.since.emplace(i, CountsSince{window.sum.columns[i], window.sum.columns[i]});
  }
  std::int64_t steps = 1;
  for (const ClosedStep& closed : recent) {
    if (closed.start_ns == start_ns || closed.digest != digest) continue;
    const PaneSummary earlier = Read(variant, closed, window.sum.frame);
    window.sum.Merge(earlier);
    for (auto& [i, counts] : window.since) {
      if (closed.start_ns >= began[i]) counts.all.Merge(earlier.columns[i]);
    }
    ++steps;
  }
  window.partial = steps < epoch.window_ns / epoch.step_ns;
  for (std::size_t i = 0; i < window.sum.columns.size(); ++i) {
    window.distances.push_back(detectors::Compare(window.sum.frame->column(i).summary, window.sum.columns[i]));
  }
  return window;
}

// As it was closed since the last checkpoint, or as the store has it.
PaneSummary ModelState::Read(const Variant& variant, const ClosedStep& step,
                             const std::shared_ptr<const Frame>& frame) const {
  // Backwards: a backlog finishes many steps between two checkpoints, and the window's are the newest.
  const auto finished = std::find_if(finished_steps_.rbegin(), finished_steps_.rend(), [&](const StoredSummary& each) {
    return each.start_ns == step.start_ns && each.version == variant.first && each.variant == variant.second;
  });
  if (finished != finished_steps_.rend()) return PaneSummary::Decode(finished->bytes, frame);
  const auto stored = store_.StepBytes(plan_->name, step.start_ns, variant.first, variant.second);
  if (!stored)
    throw StoreError("the state of model '" + plan_->name + "' lacks the step of its window that began at " +
                     alerts::FormatTime(step.start_ns));
  return PaneSummary::Decode(*stored, frame);
}

bool ModelState::Accept(const std::string& variant, const std::string& monitor) {
  if (monitor == "volume") return ChangeVolume(variant, &VolumeMonitor::Accept);
  return ChangeReference(variant, monitor, &EvidenceBook::Accept);
}

bool ModelState::UndoAccept(const std::string& variant, const std::string& monitor) {
  if (monitor == "volume") return ChangeVolume(variant, &VolumeMonitor::UndoAccept);
  return ChangeReference(variant, monitor, &EvidenceBook::UndoAccept);
}

bool ModelState::ChangeVolume(const std::string& variant, bool (VolumeMonitor::*change)()) {
  const auto volume = volumes_.find(variant);
  if (volume == volumes_.end() || !(volume->second.*change)()) return false;
  changed_evidence_.insert(variant);
  return true;
}

bool ModelState::ChangeReference(const std::string& variant, const std::string& monitor, Change change) {
  const auto evidence = evidence_.find(variant);
  if (evidence == evidence_.end()) return false;
  for (const Quantity quantity :
       {Quantity::kDistribution, Quantity::kMissing, Quantity::kTypeFaults, Quantity::kOutOfRange, Quantity::kUnseen}) {
    const std::string kind = std::string(Text(quantity)) + ":";
    if (!monitor.starts_with(kind)) continue;
    if (!(evidence->second.*change)(monitor.substr(kind.size()), quantity)) return false;
    changed_evidence_.insert(variant);
    return true;
  }
  return false;
}

ModelState::Seen ModelState::SeenBefore(const std::string& version, const std::string& variant) const {
  if (versions_.empty() || versions_.contains({version, variant})) return Seen::kYes;
  const bool known = std::ranges::any_of(versions_, [&](const auto& entry) { return entry.first.first == version; });
  return known ? Seen::kNewVariant : Seen::kNewVersion;
}

std::optional<double> ModelState::ShareOfTraffic(const std::string& version, const std::string& variant) const {
  const auto own = window_counts_.find({version, variant});
  if (own == window_counts_.end() || own->second == 0) return std::nullopt;
  return static_cast<double>(own->second) / static_cast<double>(window_count_);
}

}  // namespace monitor
