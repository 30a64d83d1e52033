// CorrelationMonitor: the correlations of all numeric features of one (model, variant) through time, one monitor under
// the model's budget of false alarms.
//
// AddStep feeds the second moments of one closed step, of all versions that served in it. The design effect of a
// correlation — how much more it varies from step to step than independent records would let it — is learnt from the
// first live steps, for the kLearnt pairs with the largest correlations; the others are taken to vary as much as the
// worst of these. Pairs of a feature with an alerted fault rest. Fires and resolves by the rules of EvidenceMonitor;
// the pair that is named is the one that had changed most when it fired. Without a joint reference in the baseline it
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
#include "detectors/evidence/shiryaev_roberts.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/judge/gross_faults.h"

namespace monitor {

// Names of two features, in the baseline's order.
using FeaturePair = std::pair<std::string, std::string>;

class CorrelationMonitor {
 public:
  static constexpr double kBudgetShare = 0.05;  // of the model's budget
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

  bool known() const { return steps_ > 0; }  // any step could be compared
  bool firing() const { return firing_; }
  double evidence() const { return evidence_; }               // M/c after the newest step; 1 is an alarm
  double fired_evidence() const { return fired_evidence_; }   // of the alarm that made it fire
  std::int64_t began_ns() const { return began_ns_; }         // start of the step in which the change most likely began
  std::uint32_t took() const { return took_; }                // steps of evidence behind the alarm
  std::uint32_t quiet_steps() const { return quiet_steps_; }  // while firing: steps in a row without it

  void Encode(detectors::Encoder& out) const;
  static CorrelationMonitor Decode(detectors::Decoder& in);

 private:
  struct Prepared {
    std::string digest;
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
  void Learn(std::span<const Part> parts, std::uint64_t records);
  double BaselineEffect() const;

  std::optional<detectors::ShiryaevRoberts> detector_;
  std::optional<detectors::DesignEffect> scatter_;
  std::map<FeaturePair, std::size_t> learnt_;  // directions of scatter_
  double min_effect_ = 0;
  std::uint64_t steps_ = 0;
  double evidence_ = 0, fired_evidence_ = 0;
  bool firing_ = false, alarmed_ = false;  // alarmed_: in the newest step
  std::int64_t began_ns_ = 0;
  std::uint32_t took_ = 0, quiet_steps_ = 0;
  FeaturePair fired_;
  std::map<std::string, std::unique_ptr<const Prepared>> plans_;  // by baseline; made again when needed
};

}  // namespace monitor
