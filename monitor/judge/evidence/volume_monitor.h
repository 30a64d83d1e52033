// VolumeMonitor: does the traffic of one (model, variant) have the size that its own past lets expect?
//
// Fed every step that has records, of all versions together. Evidence by VolumePlan against VolumeReference, with the
// share of the budget that alarm_shares.h gives it; changes of up to 15 % count as none. Over as StepDetector
// says: quiet is a step in which the newest three together are within that band again. The reference goes on learning,
// so a change that stays is the usual size after some weeks, or at once where an operator accepts it. Part of the
// checkpoint. Not thread-safe. Cost: 1 µs a step.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "alerts/alert.h"
#include "detectors/encoding.h"
#include "monitor/judge/evidence/step_detector.h"
#include "monitor/judge/evidence/volume_reference.h"

namespace monitor {

class VolumeMonitor {
 public:
  struct Step {
    std::int64_t start_ns, step_ns;
    std::uint64_t records;
    double threshold;  // c
  };
  void AddStep(const Step& step);
  // What is to be said after this step: verdict, severity, figures and words; model, version and variant are the
  // caller's. Nothing while there is nothing to compare with.
  std::optional<alerts::Observation> Finding() const;

  // An operator accepts the size that the newest steps have, or takes back what was accepted. Nothing fires then.
  // False: nothing is expected yet; nothing was accepted.
  bool Accept();
  bool UndoAccept();

  void Encode(detectors::Encoder& out) const;
  static VolumeMonitor Decode(detectors::Decoder& in);

 private:
  struct Newest {
    std::int64_t start_ns = 0, end_ns = 0;
    std::uint64_t records = 0;
    double expected = 0;
  };
  double Ratio() const;  // of the newest steps to what was expected
  void Rescale(double factor);

  VolumeReference reference_;
  StepDetector detector_;
  std::deque<Newest> newest_;  // at most three, those with an expectation
  double accepted_ = 1;        // times the size that was usual before
};

}  // namespace monitor
