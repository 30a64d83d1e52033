// StepDetector: the evidence of one monitor that is fed the log e-values of one figure per step, and whether it has
// fired.
//
// For monitors that have one plan and one reference at a time (volume, quality, coverage): what EvidenceMonitor does
// for columns, without versions side by side. Fires when the evidence reaches 1 and until Settle has seen as many quiet
// steps in a row, without a second alarm, as the alarm took, at least 3. Part of the checkpoint; depends on the
// sequence of steps only. Not thread-safe. Cost: that of ShiryaevRoberts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "detectors/encoding.h"
#include "detectors/evidence/shiryaev_roberts.h"

namespace monitor {

class StepDetector {
 public:
  // A step of `records` (0: nothing changes). `log_e` and `weights` are those of one plan; a plan with another number
  // of components (the model's task has changed) begins anew. `threshold` is c.
  void AddStep(std::int64_t start_ns, std::uint64_t records, std::span<const double> log_e,
               std::span<const float> weights, double threshold);
  // After AddStep: the figures of late look as they should.
  void Settle(bool quiet);
  void StartAnew();  // without evidence; nothing fires

  bool firing() const { return firing_; }
  double evidence() const { return evidence_; }              // M/c after the newest step; 1 is an alarm
  double fired_evidence() const { return fired_evidence_; }  // of the alarm that made it fire
  std::size_t components() const { return detector_ ? detector_->components() : 0; }
  std::size_t component() const { return component_; }  // of that alarm, with the largest share
  std::int64_t began_ns() const { return began_ns_; }   // start of the step in which the change most likely began
  std::uint32_t took() const { return took_; }          // steps of evidence behind the alarm
  std::uint32_t quiet_steps() const { return quiet_steps_; }
  bool standing() const { return firing_ && began_ns_ == first_ns_; }  // as long as there has been evidence at all

  void Encode(detectors::Encoder& out) const;
  static StepDetector Decode(detectors::Decoder& in);

 private:
  std::optional<detectors::ShiryaevRoberts> detector_;
  std::int64_t first_ns_ = 0;  // the first step with records
  double evidence_ = 0;
  bool firing_ = false, alarmed_ = false;  // alarmed_: in the newest step
  double fired_evidence_ = 0;
  std::size_t component_ = 0;
  std::int64_t began_ns_ = 0;
  std::uint32_t took_ = 0, quiet_steps_ = 0;
};

}  // namespace monitor
