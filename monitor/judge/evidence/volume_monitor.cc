#include "monitor/judge/evidence/volume_monitor.h"

#include <array>
#include <cmath>

#include "alerts/messages/time_text.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 2;  // 1 accepted nothing
constexpr double kTolerance = 0.15;
constexpr double kWarningFactor = 1.5;  // times or by which the traffic must have changed to be a warning
constexpr std::size_t kNewest = 3;
constexpr double kDoubt = 0.01;  // evidence beyond which a step teaches nothing about usual scatter

}  // namespace

double VolumeMonitor::Ratio() const {
  double records = 0, expected = 0;
  for (const Newest& step : newest_) {
    records += static_cast<double>(step.records);
    expected += step.expected;
  }
  return records / expected;
}

void VolumeMonitor::AddStep(const Step& step) {
  if (step.records == 0) return;
  if (const auto expected = reference_.Expected(step.start_ns)) {
    const detectors::VolumePlan plan(expected->counts, kTolerance);
    if (plan.usable()) {
      std::array<double, detectors::VolumePlan::kComponents> log_e{};
      plan.Accumulate(step.records, log_e);
      for (double& value : log_e) value /= expected->design_effect;
      detector_.AddStep(step.start_ns, 1, log_e, plan.weights(), step.threshold);
      newest_.push_back({step.start_ns, step.start_ns + step.step_ns, step.records, expected->counts.mean});
      if (newest_.size() > kNewest) newest_.pop_front();
      detector_.Settle(std::abs(Ratio() - 1) <= kTolerance);
    }
  }
  reference_.Learn(step.start_ns, step.step_ns, step.records, detector_.firing() || detector_.evidence() > kDoubt);
}

std::optional<alerts::Observation> VolumeMonitor::Finding() const {
  if (newest_.empty()) return std::nullopt;
  alerts::Observation found;
  found.monitor = "volume";
  found.cause = alerts::Cause::kBrokenPipeline;
  found.verdict = !detector_.firing()           ? alerts::Observation::Verdict::kClear
                  : detector_.quiet_steps() > 0 ? alerts::Observation::Verdict::kInsufficient
                                                : alerts::Observation::Verdict::kViolated;
  found.step_start_ns = found.began_at_ns = newest_.back().start_ns;
  found.step_end_ns = newest_.back().end_ns;
  double records = 0, expected = 0;
  for (const Newest& step : newest_) {
    records += static_cast<double>(step.records);
    expected += step.expected;
  }
  found.value = records;
  found.baseline = expected;
  found.count = static_cast<std::uint64_t>(records);
  if (!detector_.firing()) return found;
  found.began_at_ns = detector_.began_ns();
  found.evidence = detector_.fired_evidence();
  const double ratio = Ratio();
  found.severity =
      ratio > kWarningFactor || ratio < 1 / kWarningFactor ? alerts::Severity::kWarning : alerts::Severity::kInfo;
  found.summary = Thousands(found.count) + " records came in the newest " + std::to_string(newest_.size()) +
                  (newest_.size() == 1 ? " step" : " steps") + ", where about " +
                  Thousands(static_cast<std::uint64_t>(std::llround(expected))) +
                  " are usual at these hours of the week: " + Number(ratio) + " times as many; so most likely since " +
                  alerts::FormatTimeForPeople(detector_.began_ns()) + "; it took " + std::to_string(detector_.took()) +
                  (detector_.took() == 1 ? " step" : " steps") + " of evidence to tell it from chance";
  return found;
}

void VolumeMonitor::Rescale(double factor) {
  reference_.Scale(factor);
  for (Newest& step : newest_) step.expected *= factor;
  accepted_ *= factor;
  detector_.StartAnew();
}

bool VolumeMonitor::Accept() {
  if (newest_.empty()) return false;
  Rescale(Ratio());
  return true;
}

bool VolumeMonitor::UndoAccept() {
  if (accepted_ == 1) return false;
  Rescale(1 / accepted_);
  accepted_ = 1;
  return true;
}

void VolumeMonitor::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  reference_.Encode(out);
  detector_.Encode(out);
  out.Varint(newest_.size());
  for (const Newest& step : newest_) {
    out.Signed(step.start_ns);
    out.Signed(step.end_ns);
    out.Varint(step.records);
    out.Double(step.expected);
  }
  out.Double(accepted_);
}

VolumeMonitor VolumeMonitor::Decode(detectors::Decoder& in) {
  const std::uint8_t version = in.Byte();
  if (version == 0 || version > kVersion)
    throw detectors::DecodeError("volume monitor: version " + std::to_string(version));
  VolumeMonitor monitor;
  monitor.reference_ = VolumeReference::Decode(in);
  monitor.detector_ = StepDetector::Decode(in);
  for (std::size_t left = in.Count(kNewest); left > 0; --left) {
    Newest step;
    step.start_ns = in.Signed();
    step.end_ns = in.Signed();
    step.records = in.Varint();
    step.expected = in.Double();
    monitor.newest_.push_back(step);
  }
  if (version > 1) monitor.accepted_ = in.Double();
  return monitor;
}

}  // namespace monitor
