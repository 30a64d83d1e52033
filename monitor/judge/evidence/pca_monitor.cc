#include "monitor/judge/evidence/pca_monitor.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "alerts/messages/time_text.h"
#include "monitor/judge/evidence/evidence_monitor.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using detectors::CappedMeanPlan;
using detectors::SecondMoments;

constexpr std::uint8_t kVersion = 1;

// Rows of the pair that has the fewest: what a correlation matrix is worth.
std::uint64_t RowsOf(const SecondMoments& moments) {
  std::uint64_t rows = UINT64_MAX;
  for (std::size_t a = 1; a < moments.features(); ++a) {
    for (std::size_t b = 0; b < a; ++b) rows = std::min(rows, moments.rows(a, b));
  }
  return rows == UINT64_MAX ? 0 : rows;
}

bool Faulty(const Frame& frame, const GrossFaults* faults) {
  return faults != nullptr && std::ranges::any_of(frame.profile().joint->features, [&](std::size_t feature) {
           return !faults->Firing(frame.column(feature).name).empty();
         });
}

}  // namespace

const PcaMonitor::Plan& PcaMonitor::PlanOf(const Frame& frame) {
  auto& plan = plans_[frame.profile().digest];
  if (plan != nullptr) return *plan;
  const SecondMoments& moments = frame.profile().joint->moments;
  Plan made{.residual = detectors::PcaResidual(moments)};
  if (const auto of_training = made.residual.Of(moments)) {
    made.baseline = *of_training;
    made.deviation = std::sqrt(made.residual.VarianceOfRecord(moments).value_or(0));
    made.rows = static_cast<double>(RowsOf(moments));
  }
  plan = std::make_unique<const Plan>(std::move(made));
  return *plan;
}

void PcaMonitor::AddStep(const CorrelationMonitor::Input& input) {
  // Versions with one baseline are one traffic.
  std::vector<std::pair<const Frame*, SecondMoments>> parts;
  for (const PaneSummary* version : input.versions) {
    if (!version->joint || Faulty(*version->frame, input.faults)) continue;
    const auto same = std::ranges::find_if(
        parts, [&](const auto& part) { return part.first->profile().digest == version->frame->profile().digest; });
    if (same == parts.end()) {
      parts.emplace_back(version->frame.get(), *version->joint);
    } else {
      same->second.Merge(*version->joint);
    }
  }
  std::erase_if(plans_, [&](const auto& entry) {
    return std::ranges::none_of(parts, [&](const auto& part) { return part.first->profile().digest == entry.first; });
  });
  std::vector<double> log_e(CappedMeanPlan::kComponents);
  std::span<const float> weights;
  std::optional<CappedMeanPlan> newest;
  std::uint64_t records = 0;
  double mean = 0;  // of all parts, in deviations from training
  for (const auto& [frame, moments] : parts) {
    const Plan& plan = PlanOf(*frame);
    const auto residual = plan.residual.Of(moments);
    const std::uint64_t rows = RowsOf(moments);
    if (!residual || rows == 0 || !(plan.deviation > 0)) continue;
    const double z = (*residual - plan.baseline) / plan.deviation;
    newest.emplace(CappedMeanPlan::Reference{.mean = 0, .variance = 1, .records = plan.rows},
                   detectors::DeadBand{.min_effect = input.min_effect});
    weights = newest->weights();
    if (!scatter_) scatter_.emplace(std::vector{newest->direction()});
    newest->Accumulate(rows, z * static_cast<double>(rows), scatter_->Value(0, rows), log_e);
    records += rows;
    mean += z * static_cast<double>(rows);
  }
  if (records == 0) return;
  detector_.AddStep(input.start_ns, input.learn_only ? 0 : records, log_e, weights, input.threshold);
  mean /= static_cast<double>(records);
  scatter_->Add(records, {&mean, 1});
}

std::optional<PcaMonitor::Change> PcaMonitor::Of(const PaneSummary& window) {
  if (!window.joint) return std::nullopt;
  const Plan& plan = PlanOf(*window.frame);
  const auto now = plan.residual.Of(*window.joint);
  if (!now || !(plan.deviation > 0)) return std::nullopt;
  return Change{plan.baseline, *now, std::abs(*now - plan.baseline) / plan.deviation};
}

void PcaMonitor::Settle(const std::optional<Change>& change) {
  if (change) detector_.Settle(change->effect < kClearEffect);
}

std::optional<alerts::Observation> PcaMonitor::Observe(alerts::Observation base,
                                                       const std::optional<Change>& change) const {
  if (!change) return std::nullopt;
  using Verdict = alerts::Observation::Verdict;
  base.monitor = "pca_residual";
  base.cause = alerts::Cause::kDataDrift;
  base.verdict = !detector_.firing()           ? Verdict::kClear
                 : detector_.quiet_steps() > 0 ? Verdict::kInsufficient
                                               : Verdict::kViolated;
  base.value = change->now;
  base.baseline = change->baseline;
  base.effect = change->effect;
  base.summary = "the features move together in another way: " + Number(100 * change->now) +
                 " % of their variance lies outside the main components of training, where it was " +
                 Number(100 * change->baseline) + " %";
  if (!detector_.firing()) return base;
  base.feature = "(all numeric features)";
  base.severity = change->effect < kWarningEffect ? alerts::Severity::kInfo : alerts::Severity::kWarning;
  base.began_at_ns = detector_.began_ns();
  base.evidence = detector_.fired_evidence();
  base.summary += ", most likely since " + alerts::FormatTimeForPeople(detector_.began_ns()) + "; it took " +
                  Thousands(detector_.took()) + (detector_.took() == 1 ? " step" : " steps") +
                  " of evidence to tell it from chance";
  return base;
}

void PcaMonitor::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  detector_.Encode(out);
  out.Byte(scatter_ ? 1 : 0);
  if (scatter_) scatter_->Encode(out);
}

PcaMonitor PcaMonitor::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "PCA monitor");
  PcaMonitor monitor;
  monitor.detector_ = StepDetector::Decode(in);
  if (in.Byte() != 0) monitor.scatter_ = detectors::DesignEffect::Decode(in);
  return monitor;
}

}  // namespace monitor
