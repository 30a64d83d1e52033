#include "monitor/judge/evidence/step_detector.h"

#include <algorithm>
#include <limits>

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kQuietSteps = 3;
constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

void StepDetector::AddStep(std::int64_t start_ns, std::uint64_t records, std::span<const double> log_e,
                           std::span<const float> weights, double threshold) {
  alarmed_ = false;
  if (records == 0) return;
  if (detector_ && detector_->components() != log_e.size()) *this = {};
  const auto number = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(start_ns / kSecondNs, 0, std::numeric_limits<std::uint32_t>::max()));
  if (!detector_) {
    detector_.emplace(log_e.size());
    first_ns_ = static_cast<std::int64_t>(number) * kSecondNs;
  }
  const detectors::EvidenceStep step = detector_->Update(number, records, log_e, weights, threshold);
  evidence_ = step.evidence;
  if (!step.alarm) return;
  alarmed_ = true;
  quiet_steps_ = 0;
  if (firing_) return;
  firing_ = true;
  fired_evidence_ = step.evidence;
  component_ = step.component;
  began_ns_ = static_cast<std::int64_t>(step.began) * kSecondNs;
  took_ = std::max<std::uint32_t>(1, step.steps);
}

void StepDetector::Settle(bool quiet) {
  if (!firing_ || alarmed_) return;
  quiet_steps_ = quiet ? quiet_steps_ + 1 : 0;
  if (quiet_steps_ >= std::max(kQuietSteps, took_)) StartAnew();
}

void StepDetector::StartAnew() {
  firing_ = false;
  quiet_steps_ = 0;
  if (detector_) detector_->Reset();
  evidence_ = 0;
}

void StepDetector::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Byte(static_cast<std::uint8_t>((detector_ ? 1 : 0) | (firing_ ? 2 : 0)));
  if (!detector_) return;
  detector_->Encode(out);
  out.Signed(first_ns_);
  out.Double(evidence_);
  out.Double(fired_evidence_);
  out.Varint(component_);
  out.Signed(began_ns_);
  out.Varint(took_);
  out.Varint(quiet_steps_);
}

StepDetector StepDetector::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "evidence of steps");
  StepDetector detector;
  const std::uint8_t has = in.Byte();
  detector.firing_ = (has & 2) != 0;
  if ((has & 1) == 0) return detector;
  detector.detector_ = detectors::ShiryaevRoberts::Decode(in);
  detector.first_ns_ = in.Signed();
  detector.evidence_ = in.Double();
  detector.fired_evidence_ = in.Double();
  detector.component_ = in.Varint();
  detector.began_ns_ = in.Signed();
  detector.took_ = static_cast<std::uint32_t>(in.Varint());
  detector.quiet_steps_ = static_cast<std::uint32_t>(in.Varint());
  return detector;
}

}  // namespace monitor
