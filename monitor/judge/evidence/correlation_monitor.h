// CorrelationMonitor: the correlations of all numeric features of one (model, variant) through time, one monitor under
// the model's budget of false alarms.
//
// AddStep feeds the second moments of one closed step, of all versions that served in it. The design effect of a
// correlation — how much more it varies from step to step than independent records would let it — is learnt from the
// first live steps, for the kLearnt pairs with the largest correlations; the others are taken to vary as much as the
// worst of these. Pairs of a feature with an alerted fault rest. Over as StepDetector says:
// quiet is a step after which the upper bound of the window's effect is below kClearEffect. The pair that is named is
// the one that had changed most when it fired. Without a joint reference in the baseline it
// never says anything. Part of the checkpoint; depends on the sequence of steps only. Not thread-safe. Cost: 500 ns per
// pair and step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "detectors/encoding.h"
#include "detectors/evidence/correlation_change.h"
#include "detectors/evidence/design_effect.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/judge/evidence/step_detector.h"
#include "monitor/judge/windows/gross_faults.h"

namespace monitor {

// Names of two features, in the baseline's order.
using FeaturePair = std::pair<std::string, std::string>;

class CorrelationMonitor {
 public:
  static constexpr std::size_t kLearnt = detectors::DesignEffect::kMaxDirections;

  struct Input {
    std::int64_t start_ns;
    std::span<const PaneSummary* const> versions;  // the step's own counts
    double min_effect;
    double threshold;           // c
    bool learn_only;            // design effects only: no evidence yet
    const GrossFaults* faults;  // nullptr when there are none
  };
  void AddStep(const Input& input);

  // What a window says of the pair that has fired, else of the one that has changed most. Nothing where no pair can be
  // compared.
  struct Change {
    FeaturePair features;
    detectors::CorrelationChange change;
    double low() const;  // 95 % bounds of the effect
    double high() const;
  };
  std::optional<Change> Of(const PaneSummary& window);

  // After AddStep: the change over the running window; nothing neither counts nor resets.
  void Settle(const std::optional<Change>& change);

  bool known() const { return known_; }  // any step could be compared
  const StepDetector& detector() const { return detector_; }

  void Encode(detectors::Encoder& out) const;
  static CorrelationMonitor Decode(detectors::Decoder& in);

 private:
  struct Prepared {
    double design_effect, min_effect;
    detectors::CorrelationPlan plan;
  };
  struct Part {
    const Frame* frame;
    detectors::SecondMoments moments;
    const detectors::CorrelationPlan* plan;
    std::vector<double> effects;
  };
  const detectors::CorrelationPlan& PlanOf(const Frame& frame, double min_effect);
  std::vector<Part> PartsOf(const Input& input);
  std::vector<double> EffectsOf(const Frame& frame, const detectors::CorrelationPlan& plan, std::uint64_t records,
                                const GrossFaults* faults) const;
  void ChoosePairs(const Part& part);
  void NamePair(std::span<const Part> parts);
  void Learn(std::span<const Part> parts, std::uint64_t records);
  double BaselineEffect() const;

  StepDetector detector_;
  std::optional<detectors::DesignEffect> scatter_;
  std::map<FeaturePair, std::size_t> learnt_;  // directions of scatter_
  double min_effect_ = 0;
  bool known_ = false;
  FeaturePair fired_;
  std::map<std::string, std::unique_ptr<const Prepared>> plans_;  // by baseline; made again when needed
};

}  // namespace monitor
