// An EvidenceMonitor's part of the checkpoint.
#include "monitor/judge/evidence/evidence_monitor.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 4;  // 3 knew no category slots, 2 no live references, 1 no first step

}  // namespace

void EvidenceMonitor::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Byte(static_cast<std::uint8_t>((scatter_ ? 1 : 0) | (detector_ ? 2 : 0) | (firing_ ? 4 : 0) |
                                     (!change_.empty() ? 8 : 0) | (covered_ ? 16 : 0)));
  if (scatter_) {
    scatter_->Encode(out);
    out.Varint(variances_.size());
    for (const double variance : variances_) out.Double(variance);
  }
  if (detector_) detector_->Encode(out);
  out.Double(evidence_);
  out.Varint(steps_);
  out.Varint(records_);
  out.Double(needed_steps_);
  out.Signed(first_ns_);
  out.Varint(idle_steps_);
  out.Double(fired_evidence_);
  out.Signed(began_ns_);
  out.Varint(took_);
  out.Varint(clear_steps_);
  out.Text(words_);
  out.Text(account_);
  path_.Encode(out);
  for (const ChangeWatch& change : change_) change.Encode(out);
  out.Varint(accepted_.size());
  for (const auto& [digest, reference] : accepted_) {
    out.Text(digest);
    reference.Encode(out);
  }
  slots_.Encode(out);
}

EvidenceMonitor EvidenceMonitor::Decode(detectors::Decoder& in, Quantity quantity) {
  const std::uint8_t version = in.Byte();
  if (version == 0 || version > kVersion)
    throw detectors::DecodeError("evidence of a monitor: version " + std::to_string(version));
  EvidenceMonitor monitor(quantity);
  const std::uint8_t has = in.Byte();
  monitor.firing_ = (has & 4) != 0;
  monitor.covered_ = (has & 16) != 0;
  if ((has & 1) != 0) {
    monitor.scatter_ = detectors::DesignEffect::Decode(in);
    for (std::size_t left = in.Count(detectors::DesignEffect::kMaxDirections); left > 0; --left)
      monitor.variances_.push_back(in.Double());
    if (monitor.variances_.size() != monitor.scatter_->directions())
      throw detectors::DecodeError("evidence of a monitor: different numbers of directions");
  }
  if ((has & 2) != 0) monitor.detector_ = detectors::ShiryaevRoberts::Decode(in);
  monitor.evidence_ = in.Double();
  monitor.steps_ = in.Varint();
  monitor.records_ = in.Varint();
  monitor.needed_steps_ = in.Double();
  if (version > 1) monitor.first_ns_ = in.Signed();
  monitor.idle_steps_ = in.Varint();
  monitor.fired_evidence_ = in.Double();
  monitor.began_ns_ = in.Signed();
  monitor.took_ = static_cast<std::uint32_t>(in.Varint());
  monitor.clear_steps_ = static_cast<std::uint32_t>(in.Varint());
  monitor.words_ = in.Text();
  if (version < 3) return monitor;
  monitor.account_ = in.Text();
  monitor.path_ = EvidencePath::Decode(in);
  if ((has & 8) != 0) monitor.change_.push_back(ChangeWatch::Decode(in, quantity));
  for (std::size_t left = in.Count(1 << 10); left > 0; --left) {
    const std::string digest(in.Text());
    monitor.accepted_.emplace(digest, LiveReference::Decode(in));
  }
  if (version > 3) monitor.slots_ = CategorySlots::Decode(in);
  return monitor;
}

}  // namespace monitor
