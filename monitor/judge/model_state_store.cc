// A model's state in the store: what has changed since the last checkpoint goes in, and comes back after a start.
#include <algorithm>

#include "baselines/complete.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/model_state.h"

namespace monitor {
namespace {

constexpr std::uint8_t kStateVersion = 2;  // 1 had no faults of records

}  // namespace

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
  out.Varint(record_faults_.size());
  for (const auto& [variant, faults] : record_faults_) {
    out.Text(variant);
    faults.Encode(out);
  }
  return out.Take();
}

void ModelState::Save() {
  for (const auto& [start, variant] : dropped_panes_)
    store_.DropPane(plan_->name, start, variant.first, variant.second);
  for (const auto& at : changed_panes_) {
    const OpenPane& pane = panes_.at(at);
    store_.PutPane({plan_->name, at.second.first, at.second.second, pane.totals().frame->profile().digest, at.first, 0,
                    false, pane.Encode()});
  }
  for (auto& [start, variants] : steps_) {
    for (auto& [variant, step] : variants) {
      if (!std::exchange(step.changed, false)) continue;
      store_.PutStep({plan_->name, variant.first, variant.second, step.sum.frame->profile().digest, start, step.end_ns,
                      false, step.sum.Encode()});
    }
  }
  for (const StoredSummary& step : finished_steps_) store_.PutStep(step);
  for (const StoredWindow& window : finished_windows_) store_.PutWindow(window);
  for (const std::string& variant : changed_evidence_) {
    detectors::Encoder out;
    evidence_.at(variant).Encode(out);
    volumes_[variant].Encode(out);
    correlations_.at(variant).Encode(out);
    components_.at(variant).Encode(out);
    store_.PutEvidence(plan_->name, variant, out.Take());
  }
  changed_evidence_.clear();
  if (changed_) store_.PutModel(plan_->name, EncodeState());
  changed_ = false;
  changed_panes_.clear();
  dropped_panes_.clear();
  finished_steps_.clear();
  finished_windows_.clear();
}

void ModelState::Load(const std::string& state) {
  detectors::Decoder in(state);
  const std::uint8_t encoded = in.Byte();
  if (encoded == 0 || encoded > kStateVersion)
    throw detectors::DecodeError("model state: version " + std::to_string(encoded) + " is not known");
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
  for (std::size_t left = encoded < 2 ? 0 : in.Count(1 << 20); left > 0; --left) {
    const std::string variant(in.Text());
    record_faults_.emplace(variant, RecordFaults::Decode(in));
  }

  for (const auto& [variant, bytes] : store_.Evidence(plan_->name)) {
    detectors::Decoder evidence(bytes);
    evidence_.emplace(variant, EvidenceBook::Decode(evidence));
    // A state ends where what came later was not watched yet.
    volumes_.emplace(variant, evidence.AtEnd() ? VolumeMonitor{} : VolumeMonitor::Decode(evidence));
    correlations_.emplace(variant, evidence.AtEnd() ? CorrelationMonitor() : CorrelationMonitor::Decode(evidence));
    components_.emplace(variant, evidence.AtEnd() ? PcaMonitor() : PcaMonitor::Decode(evidence));
  }

  const auto frame_at = [this](std::int64_t ns, const std::string& version) {
    return plan_->EpochAt(ns).FrameOf(version);
  };
  for (const StoredSummary& pane : store_.Panes(plan_->name)) {
    panes_.emplace(std::pair{pane.start_ns, Variant{pane.version, pane.variant}},
                   OpenPane(PaneSummary::Decode(pane.bytes, frame_at(pane.start_ns, pane.version))));
  }
  const std::int64_t newest = std::max(closed_up_to_, last_event_ns_);
  for (const StoredSummary& step : store_.OpenSteps(plan_->name)) {
    steps_[step.start_ns][{step.version, step.variant}] = {
        step.end_ns, PaneSummary::Decode(step.bytes, frame_at(step.start_ns, step.version)), false};
  }
  for (const StoredSummary& step :
       store_.ClosedSteps(plan_->name, SaturatingAdd(newest, -2 * plan_->EpochAt(newest).window_ns)))
    closed_steps_[{step.version, step.variant}].push_back({step.start_ns, step.digest});
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
    if (version.last_seen_ns < SaturatingAdd(last_event_ns_, -config_.retire_after.count())) continue;
    const baselines::Profile& profile = plan_->EpochAt(version.last_seen_ns).FrameOf(variant.first)->profile();
    snapshot.versions.push_back({variant.first, variant.second, profile.version, profile.digest, profile.rows,
                                 baselines::LearntParts(profile), version.counted, version.last_seen_ns});
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
