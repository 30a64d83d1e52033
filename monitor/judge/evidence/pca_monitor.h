// PcaMonitor: the share of the features' joint variance that lies outside the principal components which hold 65 % of
// it in training, of one (model, variant) through time, one monitor under the model's budget of false alarms.
//
// Beside CorrelationMonitor, which finds one pair that has changed much: this finds many pairs that have changed a
// little. A record's squared residual has, for nearly normal values, the variance 2·tr((P·R)²) with P the projection
// and R the correlations of training; what that misses, and how records of one step are alike, is in the design effect,
// which is learnt from live steps. log e by CappedMeanPlan. Over as StepDetector says: quiet is a step after which the
// window's effect is below kClearEffect. Rests while a feature of the baseline has an alerted fault. Part of the
// checkpoint; depends on the sequence of steps only. Not thread-safe. Cost: 1 ns per pair and step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "alerts/alert.h"
#include "detectors/encoding.h"
#include "detectors/evidence/capped_mean_plan.h"
#include "detectors/evidence/correlation_change.h"
#include "detectors/evidence/design_effect.h"
#include "monitor/judge/evidence/correlation_monitor.h"
#include "monitor/judge/evidence/step_detector.h"

namespace monitor {

class PcaMonitor {
 public:
  void AddStep(const CorrelationMonitor::Input& input);

  // The residual of a window, as a share of all variance, and how far it is from training's.
  struct Change {
    double baseline, now;
    double effect;  // standard deviations of a record's residual
  };
  std::optional<Change> Of(const PaneSummary& window);
  // After AddStep: the change over the running window; nothing neither counts nor resets.
  void Settle(const std::optional<Change>& change);
  // Completes `base`, which has model, version, variant and times. Nothing where there is nothing to compare.
  std::optional<alerts::Observation> Observe(alerts::Observation base, const std::optional<Change>& change) const;

  const StepDetector& detector() const { return detector_; }

  void Encode(detectors::Encoder& out) const;
  static PcaMonitor Decode(detectors::Decoder& in);

 private:
  struct Plan {
    detectors::PcaResidual residual;
    double baseline = 0, deviation = 0;  // of training; deviation of one record, 0: there is nothing to compare
    double rows = 0;
  };
  const Plan& PlanOf(const Frame& frame);

  StepDetector detector_;
  std::optional<detectors::DesignEffect> scatter_;
  std::map<std::string, std::unique_ptr<const Plan>> plans_;  // by baseline; made again when needed
};

}  // namespace monitor
